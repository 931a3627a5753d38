import { useLingui } from "@lingui/react/macro";
import { NativeSelect, type NativeSelectProps } from "@mantine/core";
import type { Branch } from "../../platform/desk";

/** One branch, or all of them, which is written as nothing. */
export function BranchSelect(
  props: NativeSelectProps & { branches: readonly Branch[]; "data-testid"?: string },
) {
  const { t } = useLingui();
  const { branches, ...rest } = props;
  return (
    <NativeSelect
      label={t`Branch`}
      data={[
        { value: "", label: t`All branches` },
        ...branches.map(({ code, name }) => ({ value: code, label: `${code} · ${name}` })),
      ]}
      {...rest}
    />
  );
}
