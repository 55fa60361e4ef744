-- Returns a version of a report in the current form of reportVersion (packages/domain/src/call/report-version.ts). Rows
-- and deliveries of older releases have the older form of 27 characters: completeness (1 digit), authority (1), time
-- (13), fingerprint (12). It is read as a provider's version, for any source, so that existing summaries do not change.
create or replace function call_ledger.current_report_version(version text) returns text
language sql immutable parallel safe
return case
  when version ~ '^[0-9]' then 'p0' || left(version, 15) || '00000' || substr(version, 16, 8)
  else version
end;

grant execute on function call_ledger.current_report_version(text) to call_ledger_definer;
