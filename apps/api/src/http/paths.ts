/** Where providers send their deliveries. */
export const WEBHOOKS = "/api/webhooks";
