/** A server that gave no answer, in a sentence: which address, why, and what to do. */
export class UnreachableError extends Error {
  override name = "UnreachableError";

  constructor(url: URL, cause: unknown) {
    const words = wordsOf(cause);
    const known = reasons.find(({ signs }) => signs.test(words));
    const why = known?.why ?? words.split("\n", 1)[0];
    super(
      `${url.origin} cannot be reached: ${why}; ${known?.advice ?? connection}, name a mirror in the setting rkv.hub.endpoint, or choose the folder of a model that is here already.`,
      { cause },
    );
  }
}

interface Reason {
  /** In the codes and words of Node, of OpenSSL, or of Chromium, whose network an editor may use. */
  signs: RegExp;
  why: string;
  advice: string;
}

const connection = "check this machine's connection and proxy (setting http.proxy)";

const reasons: Reason[] = [
  {
    signs: /PROXY|TUNNEL/i,
    why: "the proxy does not let it through",
    advice: "check the proxy (setting http.proxy)",
  },
  {
    signs: /ENOTFOUND|EAI_AGAIN|NAME_NOT_RESOLVED/,
    why: "its name was not found",
    advice: connection,
  },
  {
    signs: /ECONNREFUSED|CONNECTION_REFUSED/,
    why: "it refused the connection",
    advice: connection,
  },
  {
    signs: /CERT|SELF_SIGNED|LEAF_SIGNATURE|EPROTO|ERR_SSL/,
    why: "its certificate or encryption was not accepted",
    advice: "check this machine's clock, let it trust your proxy's certificate",
  },
  {
    signs: /TimeoutError|TIMEDOUT|TIMED_OUT|_TIMEOUT/,
    why: "no answer came in time",
    advice: connection,
  },
  {
    signs: /ECONNRESET|UND_ERR_SOCKET|EPIPE|CONNECTION_RESET|CONNECTION_CLOSED/,
    why: "the connection was cut",
    advice: "try again later",
  },
  {
    signs: /ENETUNREACH|EHOSTUNREACH|ADDRESS_UNREACHABLE|INTERNET_DISCONNECTED/,
    why: "no way leads to it",
    advice: connection,
  },
];

/** Its causes' words before its own: they tell more. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const causes = error instanceof AggregateError ? error.errors : [error.cause];
  const own = [error.message, error.name, "code" in error ? String(error.code) : ""].join(" ");
  return [...causes.filter((cause) => cause !== undefined).map(wordsOf), own].join("\n");
}
