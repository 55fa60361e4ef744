import { attackRoutes } from "./rest-attacks.ts";

attackRoutes();
