-- Returns whether the second of two recording sources wins: the one that expires later, then the greater URL.
create or replace function call_ledger.newer_source(
  url text, expires_at timestamptz, other_url text, other_expires_at timestamptz) returns boolean
language sql immutable parallel safe
return other_url is not null and (
  url is null
  or (coalesce(other_expires_at, '-infinity'), other_url collate "C") > (coalesce(expires_at, '-infinity'), url collate "C"));
