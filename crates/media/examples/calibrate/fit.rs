//! Logistic regression by gradient descent on standardised features, and intervals by resampling.

use crate::degrade::Dice;

/// The intercept, then one weight a feature, in the features' own units. Both classes weigh the same.
pub fn logistic(samples: &[(Vec<f32>, bool)]) -> Vec<f32> {
    let features = samples[0].0.len();
    let n = samples.len() as f64;
    let column = |k: usize| samples.iter().map(move |s| f64::from(s.0[k]));
    let mean: Vec<f64> = (0..features).map(|k| column(k).sum::<f64>() / n).collect();
    let deviation: Vec<f64> = (0..features)
        .map(|k| (column(k).map(|v| (v - mean[k]).powi(2)).sum::<f64>() / n).sqrt().max(1e-6))
        .collect();
    let positives = samples.iter().filter(|s| s.1).count() as f64;
    let mut weights = vec![0.0_f64; features + 1];
    for _ in 0..6_000 {
        let mut gradient = vec![0.0; features + 1];
        for (values, truth) in samples {
            let x: Vec<f64> =
                (0..features).map(|k| (f64::from(values[k]) - mean[k]) / deviation[k]).collect();
            let sum = weights[0] + x.iter().zip(&weights[1..]).map(|(x, w)| x * w).sum::<f64>();
            let share = if *truth { positives } else { n - positives };
            let error = (1.0 / (1.0 + (-sum).exp()) - f64::from(u8::from(*truth))) / (2.0 * share);
            gradient[0] += error;
            gradient[1..].iter_mut().zip(&x).for_each(|(g, x)| *g += error * x);
        }
        for (k, (w, g)) in weights.iter_mut().zip(&gradient).enumerate() {
            let pull = if k == 0 { 0.0 } else { 0.002 * *w };
            *w -= 2.0 * (g + pull);
        }
    }
    let own: Vec<f64> = (0..features).map(|k| weights[k + 1] / deviation[k]).collect();
    let intercept = weights[0] - own.iter().zip(&mean).map(|(w, m)| w * m).sum::<f64>();
    std::iter::once(intercept).chain(own).map(|w| (w * 1_000.0).round() as f32 / 1_000.0).collect()
}

/// 95 % interval of a share, in percent: whole sources are drawn, because versions of one source are alike.
pub fn interval(hits: &[(usize, bool)], sources: usize) -> (f32, f32) {
    let mut by_source = vec![(0_u32, 0_u32); sources];
    for (source, hit) in hits {
        by_source[*source].0 += u32::from(*hit);
        by_source[*source].1 += 1;
    }
    by_source.retain(|s| s.1 > 0);
    let dice = &mut Dice::new(7);
    let mut shares: Vec<f32> = (0..1_000)
        .map(|_| {
            let (mut hit, mut all) = (0, 0);
            for _ in 0..by_source.len() {
                let (h, a) = by_source[(dice.unit() * by_source.len() as f32) as usize % by_source.len()];
                (hit, all) = (hit + h, all + a);
            }
            100.0 * hit as f32 / all.max(1) as f32
        })
        .collect();
    shares.sort_by(f32::total_cmp);
    (shares[25], shares[974])
}
