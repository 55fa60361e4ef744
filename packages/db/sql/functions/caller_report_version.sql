-- The version of a report that a caller of the SQL API brings, in the form of reportVersion in
-- packages/domain/src/call/report-version.ts: completeness, authority of a webhook, no time, fingerprint.
create or replace function call_ledger.caller_report_version(completeness integer, content text) returns text
language sql immutable parallel safe
return completeness::text || '1' || repeat('0', 13)
  || left(translate(
    encode(sha256(convert_to(content, 'UTF8')), 'base64'), '+/=', '-_'), 12);
