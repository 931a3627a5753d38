//! How long a cache takes to fill with many titles, and how long searching them takes:
//! `title_search [TITLES] [FOLDER]`.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use lienthu_domain::ids::FeedToken;
use lienthu_domain::replicated::Title;
use lienthu_domain::times::UtcMs;
use lienthu_port::cache::Cache;
use lienthu_port::feed::{FEED_PAGE_ROWS_MAX, FeedPage, FeedPosition, FeedRow, RowKind, Watermark};
use lienthu_sqlite::{KEY_BYTES, Key};
use lienthu_store::SqliteCache;
use uuid::Uuid;

const WORDS: &str = "đường về nhà của một người con gái mùa thu vàng trên sông Hồng những ngày thơ ấu \
    truyện ngắn chọn lọc lịch sử Việt Nam nguyễn trần lê phạm hoàng văn học dân gian khoa học máy tính \
    kinh tế chính trị xã hội giáo trình toán cao cấp vật lý đại cương hóa sinh y dược cổ truyền tiếng anh \
    cơ bản nâng cao kỹ thuật lập trình mạng điện tử cầu đường ẩm thực du lịch biển đảo quê hương tuổi trẻ \
    the of art history introduction design modern science world music jazz programming guide";

/// Names of three to eight words, ordinary ones more often, and now and then a number.
fn title(n: usize, words: &[&str]) -> Title {
    let mut seed = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    let mut word = || words[next(words.len()).min(next(words.len()))];
    let mut name: Vec<String> = (0..3 + n % 6).map(|_| word().to_owned()).collect();
    name.push(format!("{}", n % 50_000));
    Title {
        key: format!("978-604-{n:07}").parse().unwrap(),
        name: name.join(" "),
        author: format!("{} {} {}", word(), word(), word()),
        publisher: "Nhà xuất bản Trẻ".into(),
        year: Some(2_000),
        ddc: "895.9".into(),
        language: "vie".into(),
    }
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}

/// The most memory that the process has had, in KiB, where the system tells.
fn memory_kib_max() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let titles: usize = args.next().map_or(100_000, |n| n.parse().unwrap());
    let folder =
        tempfile::tempdir_in(args.next().map_or(PathBuf::from("."), PathBuf::from)).unwrap();
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let cache = SqliteCache::open(folder.path(), &Key::new([1; KEY_BYTES])).unwrap();

    let mut filling = Duration::ZERO;
    for from in (0..titles).step_by(FEED_PAGE_ROWS_MAX) {
        let to = (from + FEED_PAGE_ROWS_MAX).min(titles);
        let rows = (from..to).map(|n| FeedRow::Title(title(n, &words))).collect();
        let at = Watermark { number: 1, token: FeedToken::new(Uuid::nil()) };
        let last = to == titles;
        let next =
            FeedPosition { number: 1, kind: RowKind::Title, key: format!("{to}"), read_in: at };
        let page = FeedPage {
            rows,
            next: (!last).then_some(next),
            complete: last.then_some(at),
            read_at: UtcMs::from_ms(0),
        };
        let begun = Instant::now();
        cache.take(page).await.unwrap();
        filling += begun.elapsed();
    }
    let bytes = std::fs::metadata(SqliteCache::path(folder.path())).unwrap().len();
    println!(
        "titles={titles} fill_s={:.1} titles_per_s={:.0} file_mib={} memory_kib_max={}",
        filling.as_secs_f64(),
        titles as f64 / filling.as_secs_f64(),
        bytes / (1 << 20),
        memory_kib_max().map_or("unknown".into(), |kib| kib.to_string()),
    );
    drop(cache);

    // Opened anew: nothing is in memory but what the searches themselves bring there.
    let cache = SqliteCache::open(folder.path(), &Key::new([1; KEY_BYTES])).unwrap();
    let typed: Vec<String> = ('a'..='z').map(String::from).collect();
    let typed = typed.into_iter().chain((0..400).flat_map(|n| {
        let name = title(n * 97 % titles, &words).name;
        let chars = name.chars().count();
        [1, 2, 3, 5, 8, 13].map(|typed| name.chars().take(typed.min(chars)).collect::<String>())
    }));
    let mut by_length: std::collections::BTreeMap<String, Vec<Duration>> = Default::default();
    for text in typed {
        let begun = Instant::now();
        cache.find_titles(&text, 0, 50).await.unwrap();
        let took = begun.elapsed();
        for what in [format!("{:02}", text.chars().count()), "all".into()] {
            by_length.entry(what).or_default().push(took);
        }
    }
    for (typed, mut times) in by_length {
        println!(
            "typed={typed} searches={} p50_us={} p99_us={} max_us={}",
            times.len(),
            percentile(&mut times, 50).as_micros(),
            percentile(&mut times, 99).as_micros(),
            percentile(&mut times, 100).as_micros(),
        );
    }
}
