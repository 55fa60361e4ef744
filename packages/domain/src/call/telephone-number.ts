/** The form of the numbers by which agents are registered; the constraint agents_phone_number_e164 has it too. */
export const E164 = /^\+[1-9]\d{1,14}$/;

/** Returns whether a text is a telephone number, not a SIP address or a word such as `anonymous`. */
export function isTelephoneNumber(text: string): boolean {
  return /^[+0-9(][0-9 ().-]*$/.test(text);
}
