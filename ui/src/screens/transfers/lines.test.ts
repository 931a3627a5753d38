import { expect, it } from "vitest";
import type { TransferPreview } from "../../platform/desk";
import { merged } from "./lines";

const why = { code: "on_loan", vi: "Đang được mượn.", en: "On loan." };
const line = { shelf_mark: "A1", title: "T", condition: "good" as const };

function preview(of: Partial<TransferPreview>): TransferPreview {
  return { from: "Q1", to: "Q3", going: [], left_out: [], unread: [], parts: 1, ...of };
}

it("keeps the order, each copy once, with what was found last", () => {
  const first = preview({
    going: [{ ...line, copy: "1", title_name: "Số đỏ" }],
    left_out: [{ copy: "2", title_name: null, why: "on_loan", message: why }],
  });
  const second = preview({
    going: [{ ...line, copy: "2", title_name: "Dế Mèn" }],
    left_out: [{ copy: "3", title_name: "Kiều", why: "on_loan", message: why }],
  });
  const lines = merged(merged([], first), second);
  expect(lines.map(({ copy, title_name, why }) => [copy, title_name, why?.code])).toEqual([
    ["1", "Số đỏ", undefined],
    ["2", "Dế Mèn", undefined],
    ["3", "Kiều", "on_loan"],
  ]);
});
