import { setConnection } from "@/lib/connection";
import { apiErrorFrom, networkError } from "./errors";

/**
 * `fetch` as the generated client uses it: anything but success is thrown as an `ApiError`, and every call tells
 * the offline banner whether the server is within reach.
 */
export const apiFetch: typeof fetch = async (input, init) => {
  let response: Response;
  try {
    response = await fetch(input, init);
  } catch (cause) {
    // An abandoned request (the page moved on) says nothing about the connection.
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    setConnection("offline");
    throw networkError(cause);
  }
  setConnection("online");
  if (response.ok) return response;
  throw apiErrorFrom(response, await response.text());
};
