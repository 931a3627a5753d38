import { Trans } from "@lingui/react/macro";
import { Badge, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { dayOf, formatDay } from "../format";
import type { Loan } from "../platform/desk";
import { SENSE } from "../theme";
import { Due } from "./States";

/** Loans, latest first, with the column that the place does not make plain. */
export function Loans(props: {
  loans: readonly Loan[];
  of: "patron" | "copy";
  now: Date;
  /** Names of books by barcode, as far as they are known. */
  names?: ReadonlyMap<string, string>;
  /** What can be done with an open loan. */
  action?: (loan: Loan) => ReactNode;
}) {
  if (props.loans.length === 0) {
    return (
      <Text c="dimmed">
        <Trans>No loans yet.</Trans>
      </Text>
    );
  }
  const today = dayOf(props.now);
  return (
    <Table striped withRowBorders={false} verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{props.of === "patron" ? <Trans>Copy</Trans> : <Trans>Patron</Trans>}</Table.Th>
          <Table.Th>
            <Trans>Lent</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Due</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Back</Trans>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {props.loans.map((loan) => (
          <Table.Tr key={loan.borrow}>
            <Table.Td>
              {props.of === "copy" ? (
                <Link to="/patrons" search={{ open: loan.patron }}>
                  {loan.patron}
                </Link>
              ) : (
                <>
                  {props.names?.get(loan.copy)}{" "}
                  <Link to="/copies" search={{ open: loan.copy }}>
                    {loan.copy}
                  </Link>
                </>
              )}
            </Table.Td>
            <Table.Td>{formatDay(dayOf(new Date(loan.borrowed_at)))}</Table.Td>
            <Table.Td>
              <Due
                day={loan.due}
                overdue={loan.ended_at === null && !loan.undone && loan.due < today}
              />
            </Table.Td>
            <Table.Td>
              <Ending loan={loan} />
              {loan.ended_at === null && !loan.undone && props.action?.(loan)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Ending({ loan }: { loan: Loan }) {
  if (loan.undone) {
    return (
      <Badge color={SENSE.gone} variant="outline" tt="none">
        <Trans>undone</Trans>
      </Badge>
    );
  }
  if (loan.ended_at === null) {
    return <Trans>still out</Trans>;
  }
  return <>{formatDay(loan.returned_on ?? dayOf(new Date(loan.ended_at)))}</>;
}
