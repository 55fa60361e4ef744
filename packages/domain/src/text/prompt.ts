/** A system prompt, and the name under which an organization's ledger stores it once. */
export type Prompt = { readonly hash: string; readonly text: string };

/** Characters of a prompt's name: 128 bits as base64url. */
export const PROMPT_HASH_LENGTH = 22;

const REFERENCE = /^\[prompt:[\w-]{22}\]$/;

/** What stands where a prompt was. */
export function promptReference(hash: string): string {
  return `[prompt:${hash}]`;
}

/** Whether a text is the reference to a prompt. */
export function isPromptReference(text: string): boolean {
  return REFERENCE.test(text);
}

/** JSON text in which prompts stand again where they were referred to. */
export function withPrompts(json: string, prompts: readonly Prompt[]): string {
  return prompts.reduce(
    (text, prompt) =>
      text.replaceAll(JSON.stringify(promptReference(prompt.hash)), () => JSON.stringify(prompt.text)),
    json,
  );
}
