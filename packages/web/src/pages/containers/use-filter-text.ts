import { useEffect, useRef, useState } from "react";
import { useSearchText } from "../../app/search-text.ts";

/** Writing an address makes the router think; nobody links to half a word. */
const SETTLE_MS = 250;

/** A text that is typed at once and stands in the address a moment later; another address is another text. */
export function useFilterText(name: string): readonly [text: string, set: (text: string) => void] {
  const [address, setAddress] = useSearchText(name);
  const [text, setText] = useState(address);
  const written = useRef(address);
  useEffect(() => {
    if (address === written.current) return;
    written.current = address;
    setText(address);
  }, [address]);
  useEffect(() => {
    if (text === written.current) return;
    const timer = setTimeout(() => {
      written.current = text;
      setAddress(text);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text, setAddress]);
  return [text, setText];
}
