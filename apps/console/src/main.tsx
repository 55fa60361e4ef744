import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./styles/tokens.css";
import "./styles/base.css";
import { createQueryClient } from "./api/query-client.ts";
import { cspNonce } from "./app/nonce.ts";
import { markMissingParts } from "./app/part.ts";
import { createAppRouter } from "./app/router.tsx";
import { ME_KEY } from "./app/session.tsx";
import { applyTheme } from "./app/theme.ts";

applyTheme();
markMissingParts();
// The library that stops the page from scrolling behind a dialog writes a style element, which needs the nonce.
setNonce(cspNonce());

const queries = createQueryClient(() => void queries.invalidateQueries({ queryKey: ME_KEY }), ME_KEY[0]);
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={createAppRouter()} />
    </QueryClientProvider>
  </StrictMode>,
);
