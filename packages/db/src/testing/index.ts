export type { CallRows } from "./ledger-rows.ts";
export { expectedRows, rowsOf } from "./ledger-rows.ts";
export type { StoryFixture, Told } from "./story-book.ts";
export {
  createStoryFixture,
  deliveryToBook,
  KNOWN_FACTS,
  PLATFORM_ACCOUNT,
  sampleStories,
  stateOfStory,
  story,
  toldOf,
} from "./story-book.ts";
export type { TestDatabase } from "./test-database.ts";
export { copyOf, emptyDatabase, testDatabase } from "./test-database.ts";
