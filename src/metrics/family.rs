//! One way to make every kind of metric: from name, help, label names and buckets.

use std::marker::PhantomData;

use prometheus::core::Collector;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Result,
};

use super::label::Label;

/// What is declared of a metric.
pub(super) struct Declaration {
    /// Name without the prefix.
    pub name: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// Label names.
    pub labels: &'static [&'static str],
    /// Upper bounds of a histogram.
    pub buckets: &'static [f64],
}

impl Declaration {
    fn opts(&self) -> Opts {
        Opts::new(self.name, self.help.trim()).namespace("copydesk")
    }

    fn histogram(&self) -> HistogramOpts {
        HistogramOpts { common_opts: self.opts(), buckets: self.buckets.to_vec() }
    }
}

/// A kind of metric that can be made from its declaration.
pub(super) trait Family: Sized {
    /// What is registered.
    type Collector: Collector + 'static;

    /// Makes the metric; an error means the declaration is wrong.
    fn new(declared: &Declaration) -> Result<Self>;

    /// What is registered.
    fn collector(&self) -> Self::Collector;
}

/// Declares how kinds of the prometheus crate are made.
macro_rules! family {
    ($($kind:ident: $declared:ident => $new:expr),+ $(,)?) => {$(
        impl Family for $kind {
            type Collector = $kind;

            fn new($declared: &Declaration) -> Result<Self> {
                $new
            }

            fn collector(&self) -> $kind {
                self.clone()
            }
        }
    )+};
}

family! {
    IntCounter: d => IntCounter::with_opts(d.opts()),
    IntCounterVec: d => IntCounterVec::new(d.opts(), d.labels),
    IntGauge: d => IntGauge::with_opts(d.opts()),
    IntGaugeVec: d => IntGaugeVec::new(d.opts(), d.labels),
    Gauge: d => Gauge::with_opts(d.opts()),
    GaugeVec: d => GaugeVec::new(d.opts(), d.labels),
    Histogram: d => Histogram::with_opts(d.histogram()),
    HistogramVec: d => HistogramVec::new(d.histogram(), d.labels),
}

/// Counters over one closed label: all of them exist at zero, and no other value can be named.
pub(super) struct Counters<L> {
    vec: IntCounterVec,
    label: PhantomData<L>,
}

impl<L: Label> Counters<L> {
    /// The counter of one label value.
    pub fn of(&self, value: L) -> IntCounter {
        self.vec.with_label_values(&[value.text()])
    }
}

impl<L: Label> Family for Counters<L> {
    type Collector = IntCounterVec;

    fn new(declared: &Declaration) -> Result<Self> {
        let counters = Counters { vec: IntCounterVec::new(declared.opts(), declared.labels)?, label: PhantomData };
        for value in L::ALL {
            counters.of(*value);
        }
        Ok(counters)
    }

    fn collector(&self) -> IntCounterVec {
        self.vec.clone()
    }
}
