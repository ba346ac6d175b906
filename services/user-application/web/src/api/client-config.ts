import { apiFetch } from "./client";
import type { CreateClientConfig } from "./gen/client.gen";

/** Called by the generated client when it is created. */
export const createClientConfig: CreateClientConfig = (config) => ({
  ...config,
  baseUrl: window.location.origin,
  credentials: "same-origin",
  fetch: apiFetch,
});
