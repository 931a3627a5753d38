/** The transactions of the fake network that are not settled. */
import type { Desk, Message, TransactionView } from "../desk";
import type { FakeWorld } from "./world";

type DoubtCommands = Pick<
  Desk,
  | "transactionsInDoubt"
  | "transactionResolve"
  | "transactionForce"
  | "transactionRepair"
  | "transactionForget"
  | "siteReadmit"
>;

const AWAY: Message = {
  code: "site_unreachable",
  vi: "Không liên lạc được với chi nhánh.",
  en: "The site cannot be reached.",
};

export function fakeDoubt(world: FakeWorld): DoubtCommands {
  const isCut = (branch: string) =>
    world.view.demo?.some((site) => site.branch === branch && site.cut) ?? false;
  const seen = (transaction: TransactionView): TransactionView => ({
    ...transaction,
    may_force: isCut(transaction.decider) && transaction.sites.some((s) => s.state === "prepared"),
    sites: transaction.sites.map((site) =>
      isCut(site.branch) ? { ...site, state: "unreachable", message: AWAY } : site,
    ),
  });
  const find = (txn: string) => world.doubt.find((candidate) => candidate.txn === txn);
  const drop = (txn: string) => {
    world.doubt = world.doubt.filter((candidate) => candidate.txn !== txn);
  };
  return {
    transactionsInDoubt: async () => ({
      transactions: world.doubt.map(seen),
      more: false,
      unheard: world.view.branches
        .filter(({ code }) => isCut(code))
        .map(({ code }) => ({ branch: code, message: AWAY })),
    }),
    transactionResolve: async (txn) => {
      const away = isCut(find(txn)?.decider ?? "");
      if (!away) {
        drop(txn);
      }
      return { txn, decision: away ? null : "commit", untold: [], failed: [] };
    },
    transactionForce: async (txn, outcome) => {
      const transaction = find(txn);
      const sites = transaction?.sites.filter(({ state }) => state === "prepared") ?? [];
      for (const site of sites) {
        site.state = outcome === "commit" ? "forced_commit" : "forced_abort";
      }
      return {
        not_needed: null,
        sites: sites.map(({ branch }) => ({ branch, done: true, message: null })),
      };
    },
    transactionRepair: async (txn) => {
      drop(txn);
      return { repaired: true, parties: ["Q1", "Q3"], hindered: [], failed: [] };
    },
    transactionForget: async (txn) => {
      drop(txn);
      return { sites: [] };
    },
    siteReadmit: async (branch) => ({ branch, transactions: 2 }),
  };
}
