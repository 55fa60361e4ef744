-- One event of a delivery as the application hands it over, translated and bounded.
create type call_ledger.incoming_event as (
  ord integer,                      -- place in the batch, from 1
  delivery integer,                 -- which delivery it came with; index of its payload
  leads boolean,                    -- the first event of its delivery: carries the payload
  account_id uuid,
  provider text,
  provider_call_id text,
  provider_delivery_id text,
  event_id text,
  event_type text,
  kind text,
  speaks boolean,                   -- can change a layer of the call
  wants_agent boolean,              -- the reply names the agent, so a repetition is resolved too
  received_at timestamptz,
  occurred_at timestamptz,          -- for the timeline
  merged_at timestamptz,            -- for the merge; null where the time is no part of the event's identity
  provider_agent_id text,
  provider_phone_number_id text,
  our_number text,
  customer_number text,
  direction text,
  phase public.call_phase,
  ended_reason text,
  outcome text,
  ended_rank smallint,
  report_version text,
  report jsonb,
  segment_role text,
  segment_text text,
  recordings jsonb,                 -- [{channel, recording_url, source_url, source_expires_at}]
  refusal text,                     -- not bookable at all: the reason
  detail text,
  content_key text,
  org_id uuid,                      -- given by the SQL API, never by a delivery
  agent_id uuid,
  lead_id uuid,
  metadata jsonb
);

-- One event that was booked for the first time, with all that was found out about it.
create type call_ledger.booked_event as (
  org_id uuid,
  call_id uuid,
  account_id uuid,
  provider text,
  provider_call_id text,
  event_id text,
  kind text,
  occurred_at timestamptz,
  merged_at timestamptz,
  phase public.call_phase,
  ended_reason text,
  outcome text,
  ended_rank smallint,
  agent_id uuid,
  agent_evidence smallint,
  direction text,
  customer_number text,
  our_number text,
  report_version text,
  report jsonb,
  segment_role text,
  segment_text text,
  lead_id uuid,
  metadata jsonb
);

-- Deliveries that waited for a call's organization, renumbered so that they follow a batch.
create type call_ledger.waiting_deliveries as (
  ids uuid[],
  leaders integer[],                -- by delivery: the place of its first event
  events jsonb,
  payloads bytea[]
);
