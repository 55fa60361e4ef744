/** The path below which providers send their deliveries. */
export const WEBHOOKS = "/api/webhooks";
