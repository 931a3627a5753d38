import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { DayField, dayText } from "../../components/DayField";
import { Dialog } from "../../components/Dialog";
import { dayOf, parseDay } from "../../format";

/** Asks for the day on which the books of the next returns came back, such as out of the book drop. */
export function ReturnedOnDialog(props: {
  day: string | null;
  onPick: (day: string | null) => void;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const [text, setText] = useState(dayText(props.day));
  const [wrong, setWrong] = useState(false);
  const pick = (event: FormEvent) => {
    event.preventDefault();
    const day = parseDay(text);
    if (day === null || day > dayOf(new Date())) {
      setWrong(true);
    } else {
      props.onPick(day);
      props.onClose();
    }
  };
  return (
    <Dialog title={<Trans>Day of return</Trans>} onClose={props.onClose} size="md">
      <form onSubmit={pick}>
        <Stack>
          <Text>
            <Trans>
              For books that lay in the book drop: the next returns show this day, until you choose
              another mode or today again.
            </Trans>
          </Text>
          <DayField
            label={t`Returned on`}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setWrong(false);
            }}
            error={wrong && t`Type a day that is not in the future, such as 22/11/2026.`}
            data-autofocus
            data-testid="returned-on-day"
          />
          <Group justify="flex-end">
            <Button
              variant="default"
              onClick={() => {
                props.onPick(null);
                props.onClose();
              }}
            >
              <Trans>Today</Trans>
            </Button>
            <Button type="submit" data-testid="returned-on-pick">
              <Trans>Use this day</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
