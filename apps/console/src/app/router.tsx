import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import type { ComponentType } from "react";
import { CallsPage } from "../pages/calls/calls.page.tsx";
import { callsSearch } from "../pages/calls/calls-search.ts";
import { completenessSearch } from "../pages/completeness/completeness-search.ts";
import { Crashed, NotFound } from "./fallbacks.tsx";
import { guarded } from "./guarded.tsx";
import { Inside } from "./inside.tsx";
import type { PagePath } from "./navigation.ts";
import { PAGES } from "./navigation.ts";
import { parametersNamed } from "./search.ts";
import type { ShownSearch } from "./shown.tsx";

const root = createRootRoute({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("../pages/sign-in/sign-in.page.tsx"), "SignInPage"),
});

const shared = createRoute({
  getParentRoute: () => root,
  path: "/shared/$token",
  component: lazyRouteComponent(() => import("../pages/shared/shared.page.tsx"), "SharedPage"),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  validateSearch: parametersNamed<ShownSearch>("show", "tab"),
  component: Inside,
});

const start = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/calls", replace: true });
  },
});

const overview = createRoute({
  getParentRoute: () => inside,
  path: "/overview",
  validateSearch: parametersNamed<{ period?: string }>("period"),
  component: guarded(
    PAGES["/overview"],
    lazyRouteComponent(() => import("../pages/overview/overview.page.tsx"), "OverviewPage"),
  ),
});

const calls = createRoute({
  getParentRoute: () => inside,
  path: "/calls",
  validateSearch: callsSearch,
  component: guarded(PAGES["/calls"], CallsPage),
});

const call = createRoute({
  getParentRoute: () => inside,
  path: "/calls/$call",
  component: lazyRouteComponent(() => import("../pages/call/call.page.tsx"), "CallPage"),
});

const accounts = createRoute({
  getParentRoute: () => inside,
  path: "/operator/accounts",
  // The account whose change is open, and a host to allow for it.
  validateSearch: parametersNamed<{ account?: string; host?: string }>("account", "host"),
  component: guarded(
    PAGES["/operator/accounts"],
    lazyRouteComponent(() => import("../pages/accounts/accounts.page.tsx"), "AccountsPage"),
  ),
});

const account = createRoute({
  getParentRoute: () => inside,
  path: "/operator/accounts/$account",
  component: guarded(
    PAGES["/operator/accounts"],
    lazyRouteComponent(() => import("../pages/accounts/connect.page.tsx"), "ConnectPage"),
  ),
});

const deliveries = createRoute({
  getParentRoute: () => inside,
  path: "/operator/deliveries",
  validateSearch: parametersNamed<{ outcome?: string | undefined }>("outcome"),
  component: guarded(
    PAGES["/operator/deliveries"],
    lazyRouteComponent(() => import("../pages/deliveries/deliveries.page.tsx"), "DeliveriesPage"),
  ),
});

const agents = createRoute({
  getParentRoute: () => inside,
  path: "/agents",
  validateSearch: parametersNamed<{ number?: string | undefined }>("number"),
  component: guarded(
    PAGES["/agents"],
    lazyRouteComponent(() => import("../pages/agents/agents.page.tsx"), "AgentsPage"),
  ),
});

const completeness = createRoute({
  getParentRoute: () => inside,
  path: "/completeness",
  validateSearch: completenessSearch,
  component: guarded(
    PAGES["/completeness"],
    lazyRouteComponent(() => import("../pages/completeness/completeness.page.tsx"), "CompletenessPage"),
  ),
});

/** A page without its own search parameters, loaded when it is opened. */
function page<Path extends PagePath>(
  path: Path,
  load: () => Promise<Record<string, ComponentType>>,
  name: string,
) {
  return createRoute({
    getParentRoute: () => inside,
    path,
    component: guarded(PAGES[path], lazyRouteComponent(load, name)),
  });
}

const others = [
  page("/members", () => import("../pages/members/members.page.tsx"), "MembersPage"),
  page("/keys", () => import("../pages/keys/keys.page.tsx"), "KeysPage"),
  page("/organization", () => import("../pages/organization/organization.page.tsx"), "OrganizationPage"),
  page("/alarms", () => import("../pages/alarms/alarms.page.tsx"), "AlarmsPage"),
  page("/audit", () => import("../pages/audit/audit.page.tsx"), "AuditPage"),
  page("/sessions", () => import("../pages/sessions/sessions.page.tsx"), "SessionsPage"),
  page("/operator/alarms", () => import("../pages/alarms/alarms.page.tsx"), "InstallationAlarmsPage"),
  page("/operator/quarantine", () => import("../pages/quarantine/quarantine.page.tsx"), "QuarantinePage"),
  page("/operator/health", () => import("../pages/health/health.page.tsx"), "HealthPage"),
  page(
    "/operator/organizations",
    () => import("../pages/organizations/organizations.page.tsx"),
    "OrganizationsPage",
  ),
] as const;

/** Every other address. It has the navigation too. */
const elsewhere = createRoute({ getParentRoute: () => inside, path: "$", component: NotFound });

const routes = root.addChildren([
  signIn,
  shared,
  inside.addChildren([
    start,
    overview,
    calls,
    call,
    accounts,
    account,
    agents,
    deliveries,
    completeness,
    ...others,
    elsewhere,
  ]),
]);

export function createAppRouter() {
  return createRouter({
    routeTree: routes,
    defaultPreload: "intent",
    defaultErrorComponent: Crashed,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: false,
    // Values are plain strings, not JSON, so that URLs look usual.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch,
  });
}

function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const set = Object.entries(search).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const text = new URLSearchParams(set).toString().replaceAll("%2C", ",");
  return text === "" ? "" : `?${text}`;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
