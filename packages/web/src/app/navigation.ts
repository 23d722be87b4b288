import {
  IconBox,
  IconBroadcast,
  IconChartLine,
  IconDatabase,
  type Icon,
  IconFileText,
  IconNetwork,
  IconServer2,
  IconSettings,
  IconStack2,
  IconTerminal2,
} from "@tabler/icons-react";

export interface Destination {
  readonly to: string;
  readonly label: string;
  readonly icon: Icon;
}

/** The page's rooms, in the order of the navigation; the command palette has them, too. */
export const DESTINATIONS: readonly Destination[] = [
  { to: "/", label: "Fleet", icon: IconServer2 },
  { to: "/containers", label: "Containers", icon: IconBox },
  { to: "/logs", label: "Logs", icon: IconFileText },
  { to: "/terminal", label: "Terminals", icon: IconTerminal2 },
  { to: "/images", label: "Images", icon: IconStack2 },
  { to: "/volumes", label: "Volumes", icon: IconDatabase },
  { to: "/networks", label: "Networks", icon: IconNetwork },
  { to: "/events", label: "Events", icon: IconBroadcast },
  { to: "/charts", label: "Metrics", icon: IconChartLine },
  { to: "/settings", label: "Settings", icon: IconSettings },
];
