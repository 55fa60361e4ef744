/** Whether a text is a telephone number, and no SIP address and no word such as `anonymous`. */
export function isTelephoneNumber(text: string): boolean {
  return /^[+0-9(][0-9 ().-]*$/.test(text);
}
