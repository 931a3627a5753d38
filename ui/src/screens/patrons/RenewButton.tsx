import { Trans } from "@lingui/react/macro";
import { Button, Stack } from "@mantine/core";
import { ErrorNotice, Notice } from "../../components/Notice";
import { useLanguage } from "../../i18n";
import { useDeed } from "../../queries";

/** Renews an open loan from the patron's record, without the book at hand. */
export function RenewButton({ copy }: { copy: string }) {
  const { say } = useLanguage();
  const renew = useDeed(
    (desk, goOn: boolean) => desk.renew(copy, goOn),
    "patrons",
    "copies",
    "queue",
  );
  const refused = renew.data?.kind === "refused" ? renew.data : null;
  return (
    <Stack gap={6} align="flex-start" mt={4}>
      <Button
        size="compact-sm"
        variant="default"
        loading={renew.isPending}
        onClick={() => renew.mutate(refused?.can_override === true)}
        disabled={refused !== null && !refused.can_override}
        data-testid="loan-renew"
      >
        {refused?.can_override ? <Trans>Renew all the same</Trans> : <Trans>Renew</Trans>}
      </Button>
      {refused?.reasons.map((reason) => (
        <Notice key={reason.code} kind="attention" data-testid="renew-refused">
          {say(reason)}
        </Notice>
      ))}
      <ErrorNotice error={renew.error} />
    </Stack>
  );
}
