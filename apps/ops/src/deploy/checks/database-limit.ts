/** The part of DATABASE_LIMIT_MB from which on every check of the database's size fails; `/health` warns there too. */
export const WARNING_SHARE = 0.8;
