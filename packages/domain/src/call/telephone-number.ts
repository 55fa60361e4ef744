/** The form of the numbers by which agents are registered; the constraint agents_phone_number_e164 has it too. */
export const E164 = /^\+[1-9]\d{1,14}$/;

/** NONE, BLOCKED, UNKNOWN, ANONYMOUS, RESTRICTED and UNAVAILABLE on the keys of a telephone: carriers send these. */
const WITHHELD = /^\+?(?:464|2562533|8566696|266696687|7378742833|86282452253)$/;

/** Returns whether a text is a telephone number, not a SIP address or a word such as `anonymous`. */
export function isTelephoneNumber(text: string): boolean {
  return /^[+0-9(][0-9 ().-]*$/.test(text) && /^\+\d|(?:\d\D*){3}/.test(text) && !WITHHELD.test(text);
}

/** Returns 2 for a telephone number of a plus and digits, 1 for one of another form, and 0 for everything else. */
export function telephoneRank(text: string): number {
  if (!isTelephoneNumber(text)) return 0;
  return /^\+\d+$/.test(text) ? 2 : 1;
}
