import type { Desk } from "../desk";
import type { FakeWorld } from "./world";

/** Books and readers of other branches: in this world no book of theirs comes back, and every reader is one. */
export function fakeVisitors(world: FakeWorld): Pick<Desk, "transitSlips" | "visitorAdd"> {
  return {
    transitSlips: async () => [],
    visitorAdd: async (card, home, code, byHand) => {
      const known = world.patrons.find((patron) => patron.home_code === card);
      const made = known ?? {
        code: code ?? card,
        name: byHand?.name ?? `Độc giả ${card}`,
        branch: world.view.desk.enrolment?.branch ?? "Q1",
        category: byHand?.category ?? "ADULT",
        card_expires: null,
        block: null,
        home_branch: home ?? "Q3",
        home_code: card,
        birth_date: null,
        phone: "",
        email: "",
        deposit_vnd: 0,
        note: "",
      };
      if (!known) {
        world.patrons = [...world.patrons, made];
      }
      return { card: made, was_known: known !== undefined, is_confirmed: byHand === null };
    },
  };
}
