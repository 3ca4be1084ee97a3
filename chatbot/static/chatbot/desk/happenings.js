// What queues, clocks and budgets add to the history, in words.

import { reason, t } from "./config.js";

const clockOf = ({ clock }) => ({ clock: t(`clock_${clock}`) });

/** kind → words for the staff's part of the event */
export const QUEUE_WORDS = {
  "offer.made": (staff) => t("offer_made", { name: staff.member_name }),
  "offer.passed": (staff) =>
    t("offer_passed", { name: staff.member_name, reason: reason(staff.reason) }),
  "queue.moved": (staff) => t("queue_moved", { name: staff.member_name, queue: staff.queue }),
  "sla.warned": (staff) => t("sla_warned", clockOf(staff)),
  "sla.breached": (staff) => t("sla_breached", clockOf(staff)),
  "route.chosen": (staff) =>
    t(staff.to === "people" ? "route_people" : "route_model", { reason: reason(staff.reason) }),
};
