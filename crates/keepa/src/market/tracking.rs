//! Trackings: products that Keepa watches for the account, and what it has reported.

use crate::domain::Domain;
use crate::ids::Asin;
use crate::time::KeepaTime;
use crate::wire::{
    AsinText, Count, DomainNumber, Flag, Groups, List, Member, Obj, Record, Slots, Text, Time, Whole, object,
};

object! {
    /// A product that Keepa watches.
    pub struct Tracking {
        /// The product.
        pub asin: Option<Asin> = "asin" as AsinText,
        /// When the tracking was made.
        pub create_date: Option<KeepaTime> = "createDate" as Time,
        /// Hours it lasts; 0: for ever. Negative when it was asked to keep that of an existing tracking.
        pub ttl_hours: Option<i64> = "ttl" as Whole,
        /// Whether its end is reported.
        pub expire_notify: Option<bool> = "expireNotify" as Flag,
        /// Whether it is active.
        pub is_active: Option<bool> = "isActive" as Flag,
        /// The marketplace whose currency thresholds are in.
        pub main_domain: Option<Domain> = "mainDomainId" as DomainNumber,
        /// Whether thresholds of other marketplaces are in that currency too.
        pub desired_prices_in_main_currency: Option<bool> = "desiredPricesInMainCurrency" as Flag,
        /// What is reported when a value crosses it.
        pub thresholds: Vec<Threshold> = "thresholdValues" as List<Obj<Threshold>>,
        /// What is reported when stock changes.
        pub notify_if: Vec<NotifyIf> = "notifyIf" as List<Obj<NotifyIf>>,
        /// Ways of reporting: e-mail, Twitter, Facebook, browser, messenger, API, mobile.
        pub notification_types: Vec<Option<bool>> = "notificationType" as Slots<Flag>,
        /// Reports so far.
        pub notifications: Vec<PastNotification> = "notificationCSV" as Groups<PastNotification, 5>,
        /// Minutes between reports; −1: as the account says, 0: only once.
        pub individual_notification_interval: Option<i64> = "individualNotificationInterval" as Whole,
        /// Hours between refreshes, 1 to 25.
        pub update_interval: Option<i64> = "updateInterval" as Count,
        /// The account's own note, at most 500 characters.
        pub meta_data: Option<String> = "metaData" as Text,
    }
}

object! {
    /// A value at whose crossing a report is made.
    pub struct Threshold {
        /// The value, smallest currency unit or the unit of the history.
        pub value: Option<i64> = "thresholdValue" as Whole,
        /// The marketplace.
        pub domain: Option<Domain> = "domain" as DomainNumber,
        /// Index of the history.
        pub csv_type: Option<i64> = "csvType" as Count,
        /// Whether falling below is reported (else rising above).
        pub is_drop: Option<bool> = "isDrop" as Flag,
        /// The values set over time, as Keepa sends them: pairs of time and value.
        pub history: Option<crate::Series> = "thresholdValueCSV" as crate::wire::History<2>,
        /// Least change that is reported. Optional.
        pub min_delta_absolute: Option<i64> = "minDeltaAbsolute" as Whole,
        /// Least change that is reported, percent. Optional.
        pub min_delta_percentage: Option<i64> = "minDeltaPercentage" as Whole,
        /// Whether changes are taken between reports.
        pub deltas_are_between_notifications: Option<bool> = "deltasAreBetweenNotifications" as Flag,
    }
}

object! {
    /// A change of stock that is reported.
    pub struct NotifyIf {
        /// The marketplace.
        pub domain: Option<Domain> = "domain" as DomainNumber,
        /// Index of the history.
        pub csv_type: Option<i64> = "csvType" as Count,
        /// 0: goes out of stock, 1: comes back.
        pub kind: Option<i64> = "notifyIfType" as Count,
    }
}

/// A report that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastNotification {
    /// The marketplace.
    pub domain: Option<Domain>,
    /// Index of the history.
    pub csv_type: Option<i64>,
    /// Way of reporting, 0 to 6.
    pub notification_type: Option<i64>,
    /// Cause, as [`Notification::cause`].
    pub cause: Option<i64>,
    /// When.
    pub time: KeepaTime,
}

impl Record<5> for PastNotification {
    fn from_members([domain, csv_type, kind, cause, time]: &[Member<'_>; 5]) -> Option<Self> {
        Some(Self {
            domain: domain.int().and_then(Domain::from_id),
            csv_type: csv_type.int(),
            notification_type: kind.int(),
            cause: cause.int(),
            time: time.time()?,
        })
    }
}

object! {
    /// A report of a tracking.
    pub struct Notification {
        /// Number of the report. Since August 2026.
        pub notification_id: Option<String> = "notificationId" as Text,
        /// The product.
        pub asin: Option<Asin> = "asin" as AsinText,
        /// Its title.
        pub title: Option<String> = "title" as Text,
        /// File name of its image.
        pub image: Option<String> = "image" as Text,
        /// When.
        pub create_date: Option<KeepaTime> = "createDate" as Time,
        /// The main marketplace of the tracking.
        pub domain: Option<Domain> = "domainId" as DomainNumber,
        /// The marketplace that the report is about.
        pub notification_domain: Option<Domain> = "notificationDomainId" as DomainNumber,
        /// Index of the history.
        pub csv_type: Option<i64> = "csvType" as Count,
        /// 0 expired, 1 desired price, 2 price changed, 3 changed after the desired price, 4 out of stock,
        /// 5 in stock, 6 desired price again.
        pub cause: Option<i64> = "trackingNotificationCause" as Count,
        /// Newest values by index of the history.
        pub current_prices: Vec<Option<i64>> = "currentPrices" as Slots<Count>,
        /// Ways by which it was sent.
        pub sent_via: Vec<Option<bool>> = "sentNotificationVia" as Slots<Flag>,
        /// The account's own note.
        pub meta_data: Option<String> = "metaData" as Text,
    }
}
