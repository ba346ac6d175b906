/** The one error body of the API, of which a proxy in between knows nothing: nothing of it is sure to be there. */
type Unsure<T> = { [Name in keyof T]?: unknown } | null | undefined;
type Envelope = Unsure<{ error: unknown }>;
type EnvelopeError = Unsure<{ code: string; message: string; doc_url: string; errors: FieldProblem[] }>;

const isText = (value: unknown): value is string => typeof value === "string";

export interface FieldProblem {
  /** Where in the request body: `url`, `geo.DE`, `[3].url`. */
  path: string;
  code: string;
  message: string;
}

/** `network_error` is ours: the request never got an answer. */
export type ErrorCode = "network_error" | (string & {});

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly problems: readonly FieldProblem[];
  readonly documentationUrl: string | null;
  /** What to quote when asking the operator: it is in the server's log. */
  readonly requestId: string | null;
  /** Seconds to wait, from `Retry-After`. */
  readonly retryAfter: number | null;

  constructor(init: {
    code: ErrorCode;
    message: string;
    status: number;
    problems?: readonly FieldProblem[];
    documentationUrl?: string | null;
    requestId?: string | null;
    retryAfter?: number | null;
    cause?: unknown;
  }) {
    super(init.message, { cause: init.cause });
    this.code = init.code;
    this.status = init.status;
    this.problems = init.problems ?? [];
    this.documentationUrl = init.documentationUrl ?? null;
    this.requestId = init.requestId ?? null;
    this.retryAfter = init.retryAfter ?? null;
  }

  /** The first message for each path. */
  get fields(): Readonly<Record<string, string>> {
    const fields: Record<string, string> = {};
    for (const { path, message } of this.problems) fields[path] ??= message;
    return fields;
  }

  get isOffline(): boolean {
    return this.code === "network_error";
  }
}

function retryAfterSeconds(response: Response): number | null {
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

/** The API writes for terminals too, with straight quotes; the interface has curly ones. */
function typographic(text: string): string {
  return text.replace(/"([^"]*)"/g, "“$1”");
}

/** What the API answered, as an error. A body that is not the envelope (a proxy's page) still gets a clear message. */
export function apiErrorFrom(response: Response, body: unknown): ApiError {
  const requestId = response.headers.get("X-Request-Id");
  const retryAfter = retryAfterSeconds(response);
  const envelope = (typeof body === "string" ? parseJson(body) : body) as Envelope;
  const error = envelope?.error as EnvelopeError;
  if (!isText(error?.code) || !isText(error.message)) {
    return new ApiError({
      code: response.status >= 500 ? "internal_server_error" : "bad_request",
      message: `The server answered ${response.status} without saying why. Try again in a moment.`,
      status: response.status,
      requestId,
      retryAfter,
    });
  }
  return new ApiError({
    code: error.code,
    message: typographic(error.message),
    status: response.status,
    documentationUrl: isText(error.doc_url) ? error.doc_url : null,
    problems: (Array.isArray(error.errors) ? error.errors : []).flatMap(problemFrom),
    requestId,
    retryAfter,
  });
}

function problemFrom(given: Unsure<FieldProblem>): FieldProblem[] {
  if (!isText(given?.path) || !isText(given.message)) return [];
  const code = isText(given.code) ? given.code : "invalid";
  return [{ path: given.path, code, message: typographic(given.message) }];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function networkError(cause: unknown): ApiError {
  return new ApiError({
    code: "network_error",
    message: "The server cannot be reached. Check your connection and try again.",
    status: 0,
    cause,
  });
}

/** Turns anything thrown into an ApiError, so that pages have one shape to show. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({
    code: "unexpected",
    message: "Something went wrong on this page. Reload it to try again.",
    status: 0,
    cause: error,
  });
}
