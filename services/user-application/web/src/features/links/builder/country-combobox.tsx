import { useMemo, useState } from "react";
import {
  Combobox,
  ComboboxContent,
  ComboboxEmpty,
  ComboboxInput,
  ComboboxItem,
  ComboboxList,
} from "@/components/ui/combobox";
import { type Country, countries, countryName, searchCountries } from "@/features/countries/countries";
import { CountryFlag } from "@/features/countries/country-flag";

/** Chooses a country by typing its name, another name of it, or its code. Countries that are taken are left out. */
export function CountryCombobox({
  value,
  onChange,
  onBlur,
  taken,
  ...input
}: {
  /** ISO 3166-1 alpha-2, or "" while none is chosen. */
  value: string;
  onChange: (code: string) => void;
  onBlur: () => void;
  taken: ReadonlySet<string>;
  id?: string;
  "aria-label": string;
  "aria-invalid"?: boolean;
  "aria-describedby"?: string;
  autoFocus?: boolean;
}) {
  const [typed, setTyped] = useState(value ? countryName(value) : "");
  const chosen = countries.find(({ code }) => code === value) ?? null;
  const shown = useMemo(() => {
    // The name of the country that is chosen is not a search: the whole list is offered.
    const query = chosen && typed === chosen.name ? "" : typed;
    return searchCountries(query).filter(({ code }) => code === chosen?.code || !taken.has(code));
  }, [typed, chosen, taken]);

  return (
    <Combobox
      items={countries}
      filteredItems={shown}
      value={chosen}
      onValueChange={(country: Country | null) => onChange(country?.code ?? "")}
      inputValue={typed}
      onInputValueChange={setTyped}
      itemToStringLabel={(country: Country) => country.name}
      isItemEqualToValue={(a: Country, b: Country) => a.code === b.code}
      autoHighlight
    >
      <ComboboxInput placeholder="Country" autoComplete="off" onBlur={onBlur} {...input} />
      <ComboboxContent>
        <ComboboxEmpty>No country is called that.</ComboboxEmpty>
        <ComboboxList>
          {(country: Country) => (
            <ComboboxItem key={country.code} value={country}>
              <CountryFlag code={country.code} />
              <span className="truncate">{country.name}</span>
            </ComboboxItem>
          )}
        </ComboboxList>
      </ComboboxContent>
    </Combobox>
  );
}
