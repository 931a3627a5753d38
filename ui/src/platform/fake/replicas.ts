/** Comparing and filling the sites of the fake network. */
import type { AuditView, Desk } from "../desk";
import type { FakeWorld } from "./world";

type ReplicaCommands = Pick<
  Desk,
  "replicaAudit" | "replicaRepair" | "replicaFill" | "replicaActivate"
>;

export function fakeReplicas(world: FakeWorld): ReplicaCommands {
  const branch = (code: string) => world.rules.branches.find((row) => row.code === code);
  return {
    replicaAudit: async (hear) => {
      const [title] = world.titles;
      const differs = world.differs && title;
      hear({ kind: "compared", table: "title", rows: world.titles.length, differing: 1 });
      const view: AuditView = {
        branches: world.view.branches.map(({ code }) => code),
        left_out: [],
        unheard: [],
        rows: [{ table: "title", rows: world.titles.length }],
        differing: differs ? 1 : 0,
        differences: differs
          ? [
              {
                resource: { kind: "title", key: title.key },
                versions: [
                  { row: { kind: "title", row: title }, branches: ["Q1", "Q5"] },
                  {
                    row: { kind: "title", row: { ...title, publisher: "NXB Thế giới" } },
                    branches: ["Q3"],
                  },
                ],
              },
            ]
          : [],
        odd: differs ? 1 : 0,
        custody: differs ? [{ kind: "live_twice", barcode: "Q001", branches: ["Q1", "Q3"] }] : [],
        barcodes: 6_120,
        codes: 1_480,
      };
      return view;
    },
    replicaRepair: async () => {
      world.differs = false;
      return { done: true, settled: null, hindered: [] };
    },
    replicaFill: async (_branch, _from, _terms, hear) => {
      const filled = { from: "Q1", written: 12, rows: 2_034, left_count: 0, left: [] };
      hear({ ...filled, written: 4 });
      return filled;
    },
    replicaActivate: async (code) => {
      const row = branch(code);
      if (row) {
        row.standing = "active";
      }
      return { done: true, settled: null, hindered: [] };
    },
  };
}
