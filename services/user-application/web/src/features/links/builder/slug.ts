const alphabet = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
const length = 7;

/** A random slug without look-alikes (0 O 1 l I), as the API makes them. */
export function randomSlug(): string {
  let slug = "";
  // Bytes past the last whole multiple of the alphabet would favour its first letters.
  const limit = 256 - (256 % alphabet.length);
  while (slug.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(16))) {
      if (byte < limit && slug.length < length) slug += alphabet[byte % alphabet.length];
    }
  }
  return slug;
}
