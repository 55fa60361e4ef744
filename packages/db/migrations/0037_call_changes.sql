CREATE UNLOGGED TABLE "call_change_epochs" (
	"one_row" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"epoch" uuid DEFAULT gen_random_uuid() NOT NULL,
	CONSTRAINT "call_change_epochs_one_row" CHECK ("call_change_epochs"."one_row")
);
--> statement-breakpoint
CREATE UNLOGGED TABLE "call_changes" (
	"changed_xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"org_id" uuid NOT NULL,
	"call_id" uuid NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "call_changes_pkey" PRIMARY KEY("changed_xid","org_id","call_id")
);--> statement-breakpoint
do $$
declare
  own regclass;
begin
  foreach own in array array['public.call_changes', 'public.call_change_epochs']::regclass[] loop
    execute format('alter table %s enable row level security', own);
    execute format('alter table %s force row level security', own);
    execute format('create policy operator_keeps on %s to call_ledger_operator using (true) with check (true)', own);
    execute format('grant select, insert, update, delete on table %s to call_ledger_operator', own);
    execute format('create policy definer_books on %s to call_ledger_definer using (true) with check (true)', own);
  end loop;
end
$$;
--> statement-breakpoint
grant select, insert, delete on table call_changes to call_ledger_definer;
grant select, insert on table call_change_epochs to call_ledger_definer;
--> statement-breakpoint
-- Whoever changes what people added to a call tells the streams so.
create policy manager_adds_own_organization on call_changes for insert to call_ledger_manager
  with check (org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid);
grant insert on table call_changes to call_ledger_manager;
--> statement-breakpoint
select call_ledger.revoke_from_strangers();
--> statement-breakpoint
update call_ledger.schema_state set version = 38;
