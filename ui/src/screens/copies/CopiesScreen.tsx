import { Trans, useLingui } from "@lingui/react/macro";
import { Button, TextInput } from "@mantine/core";
import { IconBarcode, IconPlus } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Empty } from "../../components/Empty";
import { Screen } from "../../components/Screen";
import { TAKES_SCANS, useScanTarget } from "../shell/ScanRouting";
import { AddCopies } from "./AddCopies";
import { CopyFilePanel } from "./CopyFilePanel";

/** Characters of a scan at most; the desk says what is wrong with a longer one. */
const TEXT_CHARS_MAX = 256;

/** The branch's copies: opened by scanning the label. */
export function CopiesScreen() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { open } = useSearch({ from: "/copies" });
  const [text, setText] = useState("");
  const [adds, setAdds] = useState(false);
  const target = useMemo(
    () => ({
      scan: (barcode: string) => {
        setText("");
        void navigate({ to: "/copies", search: { open: barcode.trim() } });
      },
    }),
    [navigate],
  );
  useScanTarget(target);
  return (
    <Screen
      title={<Trans>Copies</Trans>}
      data-testid="copies-screen"
      actions={
        <Button
          leftSection={<IconPlus size={18} aria-hidden />}
          onClick={() => setAdds(true)}
          data-testid="copies-add"
        >
          <Trans>Add copies</Trans>
        </Button>
      }
      top={
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() !== "") {
              target.scan(text);
            }
          }}
        >
          <TextInput
            size="lg"
            autoFocus
            aria-label={t`Barcode of a copy`}
            placeholder={t`Scan the label of a book, or type its barcode`}
            leftSection={<IconBarcode size={22} aria-hidden />}
            maxLength={TEXT_CHARS_MAX}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            data-testid="copy-search"
            {...TAKES_SCANS}
          />
        </form>
      }
    >
      {open !== undefined ? (
        <CopyFilePanel
          barcode={open}
          onRemoved={() => void navigate({ to: "/copies", search: {} })}
        />
      ) : (
        <Empty>
          <Trans>Scan a book to see where it is, who has it and what it went through.</Trans>
        </Empty>
      )}
      {adds && <AddCopies onClose={() => setAdds(false)} onAdded={target.scan} />}
    </Screen>
  );
}
