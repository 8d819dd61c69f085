/**
 * KL(p ‖ q) in nats of the distributions that two tokens' logits stand for. Never negative, though
 * rounding may make the sum so where both are the same.
 */
export function klDivergence(p: Float32Array, q: Float32Array): number {
  const [sumP, sumQ] = [logSumExp(p), logSumExp(q)];
  let kl = 0;
  for (let id = 0; id < p.length; id++) {
    const logP = p[id] - sumP;
    kl += Math.exp(logP) * (logP - (q[id] - sumQ));
  }
  return Math.max(0, kl);
}

/** The first of the largest. */
export function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  return best;
}

function logSumExp(logits: Float32Array): number {
  const largest = logits[likeliest(logits)];
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return largest + Math.log(sum);
}
