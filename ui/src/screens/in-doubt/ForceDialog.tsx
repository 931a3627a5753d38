import { Trans } from "@lingui/react/macro";
import { Stack } from "@mantine/core";
import { ConfirmWithWarning } from "../../components/ConfirmWithWarning";
import { useBranches } from "../../components/useBranches";
import type { ForcedView, OutcomeView, TransactionView } from "../../platform/desk";
import { useDeed } from "../../queries";
import { WhatWords } from "./WhatWords";

/** Warns of what it means to choose an outcome without the decision, and has that said back. */
export function ForceDialog(props: {
  transaction: TransactionView;
  outcome: OutcomeView;
  onForced: (forced: ForcedView) => void;
  onClose: () => void;
}) {
  const { nameOf } = useBranches();
  const { transaction, outcome } = props;
  const force = useDeed(
    (desk, chosen: OutcomeView) => desk.transactionForce(transaction.txn, chosen, null),
    "inDoubt",
    "transfers",
  );
  const decider = nameOf(transaction.decider);
  const isCommit = outcome === "commit";
  return (
    <ConfirmWithWarning
      title={
        isCommit ? (
          <Trans>Have the waiting sites do it without the decision?</Trans>
        ) : (
          <Trans>Have the waiting sites give it up without the decision?</Trans>
        )
      }
      understood={
        <Trans>I understand that the sites may differ afterwards and have to be repaired.</Trans>
      }
      action={isCommit ? <Trans>Force: do it</Trans> : <Trans>Force: give it up</Trans>}
      busy={force.isPending}
      error={force.error}
      onConfirm={() => force.mutate(outcome, { onSuccess: props.onForced })}
      onClose={props.onClose}
    >
      <Stack gap="sm">
        <WhatWords what={transaction.what} />
        <div>
          <Trans>
            {decider} decides this transaction and cannot be asked. It may have decided already, and
            otherwise than you choose now. Then a book can be at two branches at once or at none, or
            a title can differ from site to site, until somebody repairs it.
          </Trans>
        </div>
        <div>
          <Trans>
            If you wait, nothing goes wrong: it is finished by itself as soon as {decider} can be
            reached. Only what it touches is held until then.
          </Trans>
        </div>
        <div>
          <Trans>
            Your choice is recorded. It stays in this list until the decision is known, and where it
            was the other one, its repair is offered here.
          </Trans>
        </div>
      </Stack>
    </ConfirmWithWarning>
  );
}
