import { createServer, type ServerResponse } from "node:http";

/** A shop with one product, whose stock tests decide. */
export interface Shop {
  /** The page of the product. */
  productUrl: string;
  /** A page of the same shop that is always there, for visitors who do not find the product. */
  backupUrl: string;
  /** Whether the product can be bought from now on. */
  isInStock: boolean;
  /** Answers so many more requests for the product; later ones wait. */
  answerOnly(count: number): void;
  /** Answers whoever waits, and everybody after them. */
  answerAll(): void;
  close(): Promise<void>;
}

const page = (title: string, content: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title} · Fell &amp; Ford</title><link rel="icon" href="data:,"></head>
<body>
<header><a href="/">Fell &amp; Ford</a> <nav><a href="/shoes">Shoes</a> <a href="/packs">Packs</a></nav></header>
<main>${content}</main>
<footer><a href="/returns">Returns within 30 days</a> <a href="/imprint">Imprint</a></footer>
</body>
</html>`;

const details = `<p>A light shoe for long days on soft ground: lugs of six millimetres, a wide toe box, and an upper of
recycled mesh that dries overnight. 268 grams in size 42.</p>`;

// What else there is can be bought while the product cannot, as in real shops.
const others = `<aside><h2>You may also like</h2>
<ul><li>Gaiters, 29.00 EUR <button>Add to cart</button></li><li>Running belt, 24.00 EUR <button>Add to cart</button></li></ul></aside>`;

const product = (isInStock: boolean) =>
  page(
    "Trail Runner 3",
    `<h1>Trail Runner 3</h1><p>129.00 EUR</p>${
      isInStock
        ? "<p>In stock, delivered in two days</p><button>Add to cart</button>"
        : "<p>Sold out</p><button disabled>Add to cart</button>"
    }${details}${others}`,
  );

const backup = page(
  "Trail Runner 2",
  `<h1>Trail Runner 2</h1><p>99.00 EUR</p><p>In stock, delivered in two days</p><button>Add to cart</button>${details}`,
);

/** Opens a shop on a free port of this machine. */
export async function openShop(): Promise<Shop> {
  let left = Number.POSITIVE_INFINITY;
  let waiting: (() => void)[] = [];
  const answer = (response: ServerResponse, status: number, content: string) => {
    response.writeHead(status, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" });
    response.end(content);
  };
  const server = createServer((request, response) => {
    if (request.url === "/trail-runner-2") return answer(response, 200, backup);
    if (request.url !== "/trail-runner-3")
      return answer(response, 404, page("Not found", "<h1>Not found</h1>"));
    const show = () => answer(response, 200, product(shop.isInStock));
    if (left > 0) {
      left -= 1;
      return show();
    }
    waiting.push(show);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  const origin = `http://127.0.0.1:${address.port}`;
  const shop: Shop = {
    productUrl: `${origin}/trail-runner-3`,
    backupUrl: `${origin}/trail-runner-2`,
    isInStock: true,
    answerOnly(count) {
      left = count;
    },
    answerAll() {
      left = Number.POSITIVE_INFINITY;
      const answered = waiting;
      waiting = [];
      for (const show of answered) show();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return shop;
}
