import { cn } from "@/lib/utils";

/** The mark: the two uprights of a hash, and a route that changes course between them. */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={cn("size-8 shrink-0", className)}>
      <rect width="32" height="32" rx="9" fill="#113428" />
      <g fill="none" strokeLinecap="round" strokeLinejoin="round" strokeWidth="2.7">
        <path stroke="#6fa58d" d="M13.4 6.5 10.6 25.5M21.6 6.5 18.8 25.5" />
        <path stroke="#c8f244" d="M6 20.5h5.2c4.7 0 5-9 9.6-9H26" />
      </g>
    </svg>
  );
}

export function Logo({ className }: { className?: string }) {
  return (
    <span className={cn("flex w-fit items-center gap-2.5", className)}>
      <LogoMark className="size-7 rounded-[0.5rem] dark:outline-1 dark:outline-white/15" />
      <span className="font-bold font-display text-[1.1875rem] tracking-[-0.03em]">hashroute</span>
    </span>
  );
}
