/** The vote as a whole: what it may depend on, and when it may end early. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Ballot, countVotes, isSettled, shownChain } from "../../../src/shared/answers/vote";

function ballots(...answers: string[]): Ballot[] {
  return answers.map((answer, chain) => ({ chain, answer, meanLogProb: -1 }));
}

test("what most chains give is the answer, as the first of them puts it", () => {
  const vote = countVotes(ballots("42", "44.0", "44", "43", "\\frac{88}{2}"), 8);
  assert.deepEqual(vote, { answer: "44.0", agree: 3, of: 8, chains: [1, 2, 4] });
  assert.equal(shownChain(vote), 1);
});

test("of equally many, the surer ones win, and of equally sure ones the first chain", () => {
  const [a, b] = ballots("42", "44");
  assert.equal(countVotes([a, b], 2)?.answer, "42");
  assert.equal(countVotes([a, { ...b, meanLogProb: -0.5 }], 2)?.answer, "44");
  assert.equal(countVotes([b, a], 2)?.answer, "42");
});

test("without a ballot there is no vote, and nothing is settled by chains without an answer", () => {
  assert.equal(countVotes([], 4), undefined);
  assert.equal(isSettled([], 0), false);
  assert.equal(shownChain(undefined), 0);
});

test("it is settled once the lead is greater than the number of chains that still think", () => {
  assert.equal(isSettled(ballots("1", "1"), 2), false);
  assert.equal(isSettled(ballots("1", "1", "1"), 2), true);
  assert.equal(isSettled(ballots("1", "1", "1", "2"), 2), false);
  assert.equal(isSettled(ballots("1", "2"), 0), false);
});

const answer = fc.constantFrom("1", "1.0", "2", "3", "yes");
const ballot = fc.record({ answer, meanLogProb: fc.double({ min: -5, max: 0, noNaN: true }) });
const chains = fc.array(ballot, { minLength: 1, maxLength: 12 }).map(numbered);

function numbered(cast: Omit<Ballot, "chain">[]): Ballot[] {
  return cast.map((one, chain) => ({ chain, ...one }));
}

test("in whatever order chains end, they vote the same", () => {
  const shuffled = chains.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, ([all, mixed]) => {
      assert.deepEqual(countVotes(mixed, 12), countVotes(all, 12));
    }),
  );
});

test("what is settled stays, whatever the others come to; what is led by less does not", () => {
  fc.assert(
    fc.property(chains, fc.nat(12), fc.array(ballot, { maxLength: 12 }), (all, ended, late) => {
      const cast = all.slice(0, ended);
      const open = late.length;
      const standing = countVotes(cast, 24);
      if (!standing || !isSettled(cast, open)) return;
      const later = late.map((one, i) => ({ chain: 12 + i, ...one }));
      for (let some = 0; some <= open; some++)
        assert.equal(countVotes([...cast, ...later.slice(0, some)], 24)?.answer, standing.answer);
    }),
  );
});

test("as long as it is not settled, the chains that still think could tie or turn it", () => {
  fc.assert(
    fc.property(chains, fc.integer({ min: 1, max: 6 }), (all, open) => {
      const standing = countVotes(all, 24)!;
      if (isSettled(all, open)) return;
      const others = all.filter(({ chain }) => !standing.chains.includes(chain));
      const rival = others.length > 0 ? countVotes(others, 24)! : { answer: "new", agree: 0 };
      assert.ok(rival.agree + open >= standing.agree);
    }),
  );
});
