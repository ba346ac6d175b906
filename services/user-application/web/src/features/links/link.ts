/** A link as the API answers it. */
export type Link = {
  id: string;
  domain: string;
  key: string;
  url: string;
  shortLink: string;
  title: string | null;
  comments: string | null;
  archived: boolean;
  geo: Record<string, string> | null;
  clicks: number;
  lastClicked: string | null;
  createdAt: string;
  updatedAt: string;
};
