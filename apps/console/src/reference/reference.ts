import script from "../../node_modules/@scalar/api-reference/dist/browser/standalone.js?url";
import { cspNonce } from "../app/nonce.ts";

/**
 * Settings without the maker's services, so that no other host is asked: fonts, telemetry, proxy and assistant are off.
 */
const CONFIGURATION = {
  url: "/api/v1/openapi.json",
  proxyUrl: "",
  withDefaultFonts: false,
  telemetry: false,
  persistAuth: false,
  authentication: { preferredSecurityScheme: "key" },
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: "never",
  defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
} as const;

declare global {
  interface Window {
    readonly Scalar?: { createApiReference(place: string, configuration: typeof CONFIGURATION): unknown };
    __zod_globalConfig?: { jitless: boolean };
  }
}

// Without this setting its zod tries to compile code, which the page's policy refuses and the browser reports.
window.__zod_globalConfig = { jitless: true };
giveStylesTheNonce();

const element = document.createElement("script");
element.src = script;
element.addEventListener("load", () => window.Scalar?.createApiReference("#reference", CONFIGURATION));
document.head.append(element);

/** The library writes style elements without a nonce, which the page's policy would refuse. This adds it. */
function giveStylesTheNonce(): void {
  const create = document.createElement.bind(document);
  Object.assign(document, {
    createElement(name: string, options?: ElementCreationOptions): HTMLElement {
      const made = create(name, options);
      if (made instanceof HTMLStyleElement) made.nonce = cspNonce();
      return made;
    },
  });
}
