import "./page.css";
import "./operations.css";
import "./operations-details.css";
import { type ApiDocument, withGroupNames } from "./document";
import { startHeader } from "./header";

declare global {
  /** The interactive part, once its script has been loaded. */
  function SwaggerUIBundle(options: Record<string, unknown>): unknown;
}

async function loadDocument(): Promise<ApiDocument> {
  const response = await fetch("/api/openapi.json");
  if (!response.ok) throw new Error(`The server answered with status ${response.status}.`);
  return response.json();
}

/** A classic script of the server's: not part of our build. */
function loadInteractivePart(): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "/api/docs/swagger-ui-bundle.js";
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => reject(new Error("A script is missing.")));
    document.head.append(script);
  });
}

/** Tags in ids: what the interactive part makes of them. */
function groupId(name: string): string {
  return `operations-tag-${name.replace(/\s/g, "_")}`;
}

function listGroups(names: string[]): void {
  const items = names.map((name) => {
    const link = document.createElement("a");
    link.href = `#/${encodeURIComponent(name)}`;
    link.textContent = name;
    // The address selects the group when the page is opened; on the open page, going there is up to us.
    link.addEventListener("click", () => {
      const heading = document.getElementById(groupId(name));
      heading?.scrollIntoView();
      heading?.querySelector<HTMLElement>("a, button")?.focus({ preventScroll: true });
    });
    return link;
  });
  document.getElementById("groups")?.replaceChildren(...items);
}

function explainFailure(error: unknown): void {
  const note = document.createElement("p");
  note.className = "note";
  note.role = "alert";
  const reason = error instanceof Error ? error.message : "";
  const again = document.createElement("a");
  again.href = window.location.pathname;
  again.textContent = "Load the page again";
  note.append(`The operations did not load. ${reason} `, again, ".");
  document.getElementById("reference")?.replaceChildren(note);
}

startHeader();
Promise.all([loadDocument(), loadInteractivePart()])
  .then(([apiDocument]) => {
    const spec = withGroupNames(apiDocument);
    listGroups(spec.tags?.map(({ name }) => name) ?? []);
    SwaggerUIBundle({
      spec,
      dom_id: "#reference",
      deepLinking: true,
      defaultModelsExpandDepth: 0,
      displayRequestDuration: true,
      persistAuthorization: false,
      tryItOutEnabled: true,
      // Another company's server.
      validatorUrl: null,
    });
  })
  .catch(explainFailure);
