-- Returns a UUID of version 7. Ids that grow with time keep the newest calls together in every index.
create or replace function call_ledger.new_call_id() returns uuid
language sql volatile parallel safe
return encode(
  set_bit(
    set_bit(
      overlay(
        uuid_send(gen_random_uuid()),
        substring(
          int8send((extract(epoch from clock_timestamp()) * 1000)::bigint), 3),
        1, 6),
      52, 1),
    53, 1),
  'hex')::uuid;
