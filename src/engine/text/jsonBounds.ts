/** JSON that is small on disk and large in memory, told from its bytes before it is parsed. */

/** A tokenizer's is 8 deep. */
const deepest = 64;
/** A large tokenizer has half a million merges, each an array. */
const mostContainers = 1 << 21;

const [quote, backslash] = [0x22, 0x5c];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Throws a RangeError that says what there is too much of. Well-formed or not is the parser's to say. */
export function refuseVastJson(bytes: Uint8Array): void {
  let [depth, containers, isText] = [0, 0, false];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isText) {
      if (byte === backslash) at++;
      else if (byte === quote) isText = false;
    } else if (byte === quote) isText = true;
    else if (byte === openArray || byte === openObject) {
      if (++depth > deepest) throw new RangeError(`it is nested more than ${deepest} deep`);
      if (++containers > mostContainers)
        throw new RangeError(`it has more than ${mostContainers} lists and objects`);
    } else if (byte === closeArray || byte === closeObject) depth--;
  }
}
