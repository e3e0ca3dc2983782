"""An R script that repeats the main tests from the long CSV and fits the ordinal mixed model."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.files import replacing
from app.reading.analysis.comparison import Design

_HEAD: Final = """\
# Repeats the main figures of this reader study from ratings.csv, apart from Reading Room.
# Run in this folder: Rscript analysis.R
# Needs base R; 'ordinal', 'lme4' for the mixed model, 'brunnermunzel' and 'irr' where installed.

codes <- c("reader", "item", "case", "arm", "repeat_of", "comment")
ratings <- read.csv("ratings.csv", fileEncoding = "UTF-8", na.strings = character(),
                    colClasses = setNames(rep("character", length(codes)), codes))
ratings <- subset(ratings, training == 0 & repeat_of == "")
ratings$arm <- factor(ratings$arm, levels = c("human", "machine"))
margin <- {margin!r}
set.seed({seed})

cat("Share of each score per arm, %\\n")
print(round(100 * prop.table(table(ratings$arm, factor(ratings$score, levels = 1:5)), 1), 1))

acceptable <- tapply(ratings$score >= 4, ratings$arm, sum)
asked <- tapply(ratings$score, ratings$arm, length)
cat("\\nAcceptable (score of 4 or 5), Wilson's interval: every rating taken as independent\\n")
for (arm in levels(ratings$arm)) {{
  interval <- prop.test(acceptable[arm], asked[arm], correct = FALSE)$conf.int
  cat(sprintf("%-8s %d of %d, %.1f %% (%.1f to %.1f)\\n", arm, acceptable[arm], asked[arm],
              100 * acceptable[arm] / asked[arm], 100 * interval[1], 100 * interval[2]))
}}

wilson <- function(good, of) suppressWarnings(prop.test(good, of, correct = FALSE)$conf.int)
readers <- sort(unique(ratings$reader))
said <- function(who, difference, limits, method)
  cat(sprintf("%-8s %.2f points (%.2f to %.2f), %s\\n", who, 100 * difference, 100 * limits[1],
              100 * limits[2], method))
"""

_UNPAIRED: Final = """
# The case is the independent observation: readers are averaged.
means <- aggregate(score ~ case + arm, data = ratings, FUN = mean)
human <- means[means$arm == "human", ]
machine <- means[means$arm == "machine", ]
difference <- mean(machine$score) - mean(human$score)
drawn <- replicate(10000, mean(sample(machine$score, replace = TRUE)) -
                          mean(sample(human$score, replace = TRUE)))

print(wilcox.test(machine$score, human$score, exact = FALSE, correct = TRUE))
if (requireNamespace("brunnermunzel", quietly = TRUE))
  print(brunnermunzel::brunnermunzel.test(human$score, machine$score))

cat("\\nDifference of acceptable shares, machine - human\\n")
for (one in readers) {
  own <- ratings[ratings$reader == one, ]
  good <- tapply(own$score >= 4, own$arm, sum)
  of <- tapply(own$score, own$arm, length)
  if (anyNA(of)) next
  share <- good / of
  h <- wilson(good["human"], of["human"])
  m <- wilson(good["machine"], of["machine"])
  gap <- share["machine"] - share["human"]
  said(one, gap, c(gap - sqrt((share["machine"] - m[1])^2 + (h[2] - share["human"])^2),
                   gap + sqrt((m[2] - share["machine"])^2 + (share["human"] - h[1])^2)),
       "Newcombe's interval for two independent shares")
}
if (length(readers) > 1) {
  # Whole cases are drawn: ratings of one case are not independent.
  ratings$good <- as.numeric(ratings$score >= 4)
  ratings$one <- 1
  counts <- aggregate(cbind(good, one) ~ case + arm, data = ratings, FUN = sum)
  h <- counts[counts$arm == "human", c("good", "one")]
  m <- counts[counts$arm == "machine", c("good", "one")]
  share <- function(cases) sum(cases$good) / sum(cases$one)
  some <- function(cases) cases[sample(nrow(cases), replace = TRUE), ]
  said("all", share(m) - share(h),
       quantile(replicate(10000, share(some(m)) - share(some(h))), c(0.025, 0.975)),
       "bootstrap clustered by case")
}
"""

_PAIRED: Final = """
# A reader counts for a case with both scores or not at all. The case is the independent
# observation: readers are averaged.
keys <- c("reader", "case", "score")
pairs <- merge(ratings[ratings$arm == "human", keys], ratings[ratings$arm == "machine", keys],
               by = c("reader", "case"), suffixes = c(".human", ".machine"))
both <- aggregate(cbind(score.human, score.machine) ~ case, data = pairs, FUN = mean)
pair <- both$score.machine - both$score.human
difference <- mean(pair)
drawn <- replicate(10000, mean(sample(pair, replace = TRUE)))

# Wilcoxon's signed-rank test with zero differences kept in the ranking (Pratt), which
# wilcox.test drops; rounded, because equal differences of means differ in their last bits.
apart <- round(pair, 9)
ranks <- rank(abs(apart))
n <- length(apart)
zeros <- sum(apart == 0)
ties <- as.numeric(table(ranks[apart != 0]))
spread <- (n * (n + 1) * (2 * n + 1) - zeros * (zeros + 1) * (2 * zeros + 1) -
           sum(ties^3 - ties) / 2) / 24
z <- (sum(ranks[apart > 0]) - (n * (n + 1) - zeros * (zeros + 1)) / 4) / sqrt(spread)
cat(sprintf("\\nWilcoxon signed rank (Pratt): z = %.3f, p = %.4f\\n", z, 2 * pnorm(-abs(z))))

cat("\\nDifference of acceptable shares, machine - human, in the same pairs\\n")
pairs$h <- as.numeric(pairs$score.human >= 4)
pairs$m <- as.numeric(pairs$score.machine >= 4)
pairs$one <- 1
for (one in readers) {
  own <- pairs[pairs$reader == one, ]
  of <- nrow(own)
  if (of == 0) next
  both_good <- sum(own$m * own$h)
  neither <- sum((1 - own$m) * (1 - own$h))
  excess <- both_good * neither - sum(own$m * (1 - own$h)) * sum(own$h * (1 - own$m))
  if (excess > 0) excess <- max(excess - of / 2, 0)
  margins <- sum(own$m) * sum(1 - own$m) * sum(own$h) * sum(1 - own$h)
  phi <- if (margins > 0) excess / sqrt(margins) else 0
  m <- mean(own$m)
  h <- mean(own$h)
  wm <- wilson(sum(own$m), of)
  wh <- wilson(sum(own$h), of)
  reach <- function(a, b) sqrt(max(a^2 - 2 * phi * a * b + b^2, 0))
  said(one, m - h, c(m - h - reach(m - wm[1], wh[2] - h), m - h + reach(wm[2] - m, h - wh[1])),
       "Newcombe's interval for paired shares (method 10)")
}
if (length(readers) > 1) {
  # Whole cases are drawn: ratings of one case are not independent.
  counts <- aggregate(cbind(m, h, one) ~ case, data = pairs, FUN = sum)
  gap <- function(cases) sum(cases$m - cases$h) / sum(cases$one)
  said("all", gap(counts),
       quantile(replicate(10000, gap(counts[sample(nrow(counts), replace = TRUE), ])),
                c(0.025, 0.975)), "bootstrap clustered by case")
}
"""

_TAIL: Final = """
cat("Mean difference, machine - human (over cases in both arms where paired)\\n")
interval <- quantile(drawn, c(0.025, 0.975))
found <- if (diff(interval) < 1e-9) "no interval, the scores don't vary" else
  if (interval[1] > -margin) "non-inferior" else "non-inferiority not shown"
cat(sprintf("%.3f (95 %% %.3f to %.3f); margin %.2f: %s\\n", difference, interval[1], interval[2],
            margin, found))

# The ordinal mixed model: readers and cases as random effects; exp(armmachine) is the odds ratio
# of a higher score for the machine's report.
if (requireNamespace("ordinal", quietly = TRUE)) {
  ratings$ordered <- factor(ratings$score, levels = sort(unique(ratings$score)), ordered = TRUE)
  model <- ordinal::clmm(ordered ~ arm + (1 | reader) + (1 | case), data = ratings)
  print(summary(model))
  cat(sprintf("Odds ratio for the machine %.2f\\n", exp(coef(model)["armmachine"])))
} else if (requireNamespace("lme4", quietly = TRUE)) {
  cat("Package 'ordinal' is missing; linear mixed model instead.\\n")
  print(summary(lme4::lmer(score ~ arm + (1 | reader) + (1 | case), data = ratings)))
} else {
  cat("Install the package 'ordinal' for the ordinal mixed model.\\n")
}

# Agreement of readers, quadratic weights.
if (requireNamespace("irr", quietly = TRUE)) {
  wide <- reshape(ratings[, c("item", "reader", "score")], idvar = "item", timevar = "reader",
                  direction = "wide")
  scores <- wide[, -1, drop = FALSE]
  if (ncol(scores) >= 2)
    for (pair in combn(ncol(scores), 2, simplify = FALSE))
      print(irr::kappa2(scores[, pair], weight = "squared"))
  if (ncol(scores) >= 2) print(irr::kripp.alpha(t(as.matrix(scores)), method = "ordinal"))
}
"""


_R_SEEDS: Final = 2**31 - 1


def write(design: Design, margin: float, seed: int, file: Path) -> None:
    """Write the script beside ``ratings.csv``. R's seeds end at 2³¹ − 1.

    A larger one is taken modulo. R draws otherwise than numpy anyway: limits of bootstrap intervals
    agree with the program's up to the resampling.
    """
    middle = _UNPAIRED if design == "unpaired" else _PAIRED
    with replacing(file, encoding="utf-8", newline="\n") as handle:
        handle.write(_HEAD.format(margin=float(margin), seed=seed % _R_SEEDS) + middle + _TAIL)
