/** A system prompt, and the hash under which an organization's ledger stores it once. */
export type Prompt = { readonly hash: string; readonly text: string };

/** The length of a prompt's hash in characters: 128 bits as base64url. */
export const PROMPT_HASH_LENGTH = 22;

const REFERENCE = /^\[prompt:[\w-]{22}\]$/;

/** Returns the reference that replaces a prompt in a stored payload. */
export function promptReference(hash: string): string {
  return `[prompt:${hash}]`;
}

/** Returns whether a text is a reference to a prompt. */
export function isPromptReference(text: string): boolean {
  return REFERENCE.test(text);
}

/** Returns JSON text in which the references are replaced by their prompts. */
export function withPrompts(json: string, prompts: readonly Prompt[]): string {
  return prompts.reduce(
    (text, prompt) =>
      text.replaceAll(JSON.stringify(promptReference(prompt.hash)), () => JSON.stringify(prompt.text)),
    json,
  );
}
