import { newToken, tokenHash } from "@call-ledger/credentials";
import type { Administration, ShareLink } from "@call-ledger/db/access";
import { annotateCall, listShareLinks, makeShareLink, revokeShareLink } from "@call-ledger/db/access";
import type { Reader } from "@call-ledger/db/read";
import { findShareLink, readCall } from "@call-ledger/db/read";
import type { Scope } from "@call-ledger/domain";
import { ApiProblem } from "../mount/api-problem.ts";
import { missingScope } from "../mount/authorize.ts";
import type { OrganizationCaller } from "../mount/caller.ts";
import type { Handlers } from "../mount/handler.ts";
import { queryForRequest } from "../query-for-request.ts";
import type { RecordingPorts } from "../recordings/recording.handler.ts";
import type { CallAnswers } from "./call-answers.ts";
import { partsFor } from "./call-view.ts";
import { queryCall } from "./query-call.ts";

export type AnnotationPorts = {
  readonly reader: Reader;
  readonly administration: Administration;
  readonly recordings: RecordingPorts;
  readonly answers: CallAnswers;
  /** Called after a commit that may have changed a call. */
  changed(): void;
};

type Writing = "changeCall" | "listShareLinks" | "shareCall" | "revokeShareLink" | "getSharedCall";

const HOUR_MS = 3_600_000;
const PREFIX = "cls_";

/** Handlers for tags and notes of a call, and for the links that share a call. */
export function annotationHandlers(ports: AnnotationPorts): Pick<Handlers, Writing> {
  const { reader, administration, changed } = ports;
  return {
    async changeCall({ caller: { orgId, scopes, actor }, params, body }) {
      const callId = await queryCall(reader, orgId, params.call, async (_db, id) => id);
      const { tags, note, external_ref: externalRef, external_url: externalUrl } = body;
      await queryForRequest(() =>
        administration.as(orgId, (db) =>
          annotateCall(db, { orgId, callId, author: actor }, { tags, note, externalRef, externalUrl }),
        ),
      );
      changed();
      const call = await queryCall(reader, orgId, callId, (db, id) =>
        readCall(db, orgId, id, partsFor(scopes)),
      );
      return ports.answers({ row: call, scopes, link: null });
    },

    async listShareLinks({ caller: { orgId }, params }) {
      const callId = await queryCall(reader, orgId, params.call, async (_db, id) => id);
      const links = await queryForRequest(() =>
        administration.as(orgId, (db) => listShareLinks(db, orgId, callId)),
      );
      return { data: links.map(linkView) };
    },

    async shareCall({ caller, params, body, origin }) {
      refuseLessThanShown(caller);
      const { orgId, actor } = caller;
      const callId = await queryCall(reader, orgId, params.call, async (_db, id) => id);
      // The token contains the organization's id, because row-level security hides the link from a query without it.
      const { token, hash } = newToken(prefixOf(orgId));
      const expiresAt = new Date(Date.now() + body.expires_in_hours * HOUR_MS);
      const link = await queryForRequest(() =>
        administration.as(orgId, (db) =>
          makeShareLink(db, { orgId, callId, author: actor, tokenHash: hash, expiresAt }),
        ),
      );
      return { ...linkView(link), url: `${origin}/shared/${token}` };
    },

    async revokeShareLink({ caller: { orgId, actor }, params: { link: id } }) {
      const isThere = await queryForRequest(() =>
        administration.as(orgId, (db) => revokeShareLink(db, { orgId, id, author: actor })),
      );
      if (!isThere) throw new ApiProblem("not_found", { detail: "There is no such link." });
      return null;
    },

    getSharedCall: ({ params }) => sharedCall(ports, params.token),
  };
}

function linkView({ id, callId, createdAt, createdBy, expiresAt, revokedAt }: ShareLink) {
  return {
    id,
    call_id: callId,
    created_at: createdAt.toISOString(),
    created_by: createdBy,
    expires_at: expiresAt.toISOString(),
    revoked_at: revokedAt?.toISOString() ?? null,
  };
}

const SHOWN = new Set(["calls:details"] as const);

/** What holders of a link see. Who makes a link may see it too; otherwise the link would give its maker more rights. */
const SHARED: readonly Scope[] = ["calls:read", "calls:details", "recordings:read"];

function refuseLessThanShown(caller: OrganizationCaller): void {
  const missing = SHARED.find((scope) => !caller.scopes.has(scope));
  if (missing !== undefined) throw missingScope(missing, caller);
}

async function sharedCall({ reader, recordings, answers }: AnnotationPorts, token: string) {
  const orgId = organizationIn(token);
  const hash = orgId === null ? null : tokenHash(token, prefixOf(orgId));
  if (orgId === null || hash === null) throw noLink();
  const found = await queryForRequest(() =>
    reader.as(orgId, async (db) => {
      const link = await findShareLink(db, orgId, hash);
      if (link === null) return null;
      const call = await readCall(db, orgId, link.callId, partsFor(SHOWN));
      return call === null ? null : { link, call };
    }),
  );
  if (found === null) throw noLink();
  const { link, call } = found;
  if (link.revokedAt !== null || link.expiresAt.getTime() <= Date.now()) {
    throw new ApiProblem("gone", { detail: "The link was revoked or its time is over. Ask for a new one." });
  }
  const recording = await recordings.recordingOf(orgId, { call: link.callId, channel: null });
  const stored = recording?.state === "stored" ? recording : null;
  const media = stored === null ? null : await recordings.linkTo(orgId, stored);
  // A missing waveform must not hide the call.
  const peaks = stored === null ? null : await recordings.peaksOf(orgId, stored).catch(() => null);
  const shown = {
    agent_name: call.agentName,
    organization_name: call.organizationName,
    expires_at: link.expiresAt.toISOString(),
    recording: media === null ? null : { url: media.url, expires_at: media.expiresAt.toISOString() },
    peaks,
  };
  return answers({ row: call, scopes: SHOWN, link: shown });
}

function noLink(): ApiProblem {
  return new ApiProblem("not_found", { detail: "There is no such link." });
}

function prefixOf(orgId: string): string {
  return `${PREFIX}${orgId.replaceAll("-", "")}_`;
}

const TOKEN = new RegExp(`^${PREFIX}([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_`);

function organizationIn(token: string): string | null {
  return TOKEN.exec(token)?.slice(1).join("-") ?? null;
}
