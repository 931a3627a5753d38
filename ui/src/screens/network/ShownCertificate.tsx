import { Trans } from "@lingui/react/macro";
import { Button, Code, Stack } from "@mantine/core";
import { IconCertificate } from "@tabler/icons-react";
import type { UseFormReturn } from "react-hook-form";
import { ErrorNotice, Notice } from "../../components/Notice";
import type { SiteEntry } from "../../platform/desk";
import { useDeed } from "../../queries";
import { entryOf, type SiteForm } from "./fields";

/** Takes the certificate that the server shows, for a person to compare before it is pinned. */
export function ShownCertificate({ form }: { form: UseFormReturn<SiteForm> }) {
  const take = useDeed((desk, entry: SiteEntry) => desk.networkCertificate(entry));
  const run = async () => {
    take.reset();
    // All but the file, which comes of it.
    if (await form.trigger(["code", "name", "address", "database"], { shouldFocus: true })) {
      take.mutate(entryOf(form.getValues()), {
        onSuccess: ({ file }) => form.setValue("tls_file", file, { shouldValidate: true }),
      });
    }
  };
  return (
    <Stack gap="xs" align="flex-start">
      <Button
        variant="default"
        leftSection={<IconCertificate size={18} aria-hidden />}
        loading={take.isPending}
        onClick={() => void run()}
        data-testid="network-certificate"
      >
        <Trans>Take the one that the server shows now</Trans>
      </Button>
      <ErrorNotice error={take.error} />
      {take.data && (
        <Notice kind="attention" data-testid="network-fingerprint">
          <div>
            <Trans>
              Compare this fingerprint (SHA-256) with that of the certificate at the server itself
              before you save. If they differ, someone stands between this desk and the server.
            </Trans>
          </div>
          <Code block mt={6} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {take.data.fingerprint}
          </Code>
        </Notice>
      )}
    </Stack>
  );
}
