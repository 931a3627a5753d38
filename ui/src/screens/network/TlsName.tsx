import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import type { Tls } from "../../platform/desk";
import { SENSE } from "../../theme";

/** How a site's certificate is checked, in a few words; a line that is not encrypted stands out. */
export function TlsName({ tls }: { tls: Tls }) {
  if (tls === "system") {
    return <Trans>trusted by this computer</Trans>;
  }
  if (tls === "off") {
    return (
      <Text component="strong" fw={700} c={SENSE.bad} data-testid="not-encrypted">
        <Trans>NOT ENCRYPTED</Trans>
      </Text>
    );
  }
  if ("ca" in tls) {
    const { ca } = tls;
    return <Trans>of the authority {ca}</Trans>;
  }
  const { pinned } = tls;
  return <Trans>exactly {pinned}</Trans>;
}
