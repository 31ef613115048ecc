"""The language of a text, told from its little words or its letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reading.language import language_code, read_language

TEXTS = {
    "en": ("We are looking for an engineer who will build our services with the team, and you can work from home."),
    "de": (
        "Wir suchen eine Entwicklerin für unser Team in Berlin. Du arbeitest "
        "mit uns an den Diensten und bist auch im Homeoffice."
    ),
    "fr": (
        "Nous recherchons un développeur pour notre équipe à Paris. Vous "
        "travaillez avec nous sur les services et dans le cloud."
    ),
    "es": (
        "Buscamos una persona para nuestro equipo en Madrid con experiencia en "
        "los servicios que se usan para el trabajo del día."
    ),
    "it": (
        "Cerchiamo una persona per il nostro team di Milano con esperienza "
        "nella gestione dei servizi che sono alla base del lavoro."
    ),
    "pt": (
        "Procuramos uma pessoa para o nosso time em São Paulo com experiência "
        "em serviços que são usados por você e seu cliente."
    ),
    "nl": (
        "Wij zoeken een ontwikkelaar voor ons team in Utrecht. Je werkt met het "
        "platform en bent niet bang van een uitdaging bij ons."
    ),
    "pl": (
        "Szukamy osoby do naszego zespołu w Krakowie oraz oferujemy pracę przy "
        "projektach. Nie jest to praca dla każdego, lub dla ciebie."
    ),
    "sv": (
        "Vi söker dig som vill arbeta med våra tjänster i Stockholm. Du är en "
        "person som har erfarenhet av utveckling och det är kul."
    ),
    "da": (
        "Vi søger en udvikler til vores hold i København. Du har erfaring med "
        "tjenester, og du kan også arbejde hjemmefra, ikke kun inden."
    ),
    "nb": (
        "Vi søker en utvikler til vårt team i Oslo. Du har erfaring med "
        "tjenester og kan jobbe hjemmefra. Vi er glade i å lære av deg."
    ),
    "fi": (
        "Etsimme kehittäjää, joka on kiinnostunut tai innostunut työstä kanssa. "
        "Sinulla on kokemusta ja olet mukaan tiimin, se on hyvä."
    ),
    "cs": (
        "Hledáme vývojáře pro náš tým v Praze, který bude pracovat na službách. "
        "Nabízíme práce, které jsou zajímavé, nebo budeš ve firmě."
    ),
    "tr": (
        "Ekibimize yazılım geliştirici arıyoruz. Bu iş için deneyim ve bilgi "
        "sahibi olmak gibi bir beklentimiz var, daha çok ile çalışma."
    ),
    "id": (
        "Kami mencari pengembang untuk tim di Jakarta yang memiliki pengalaman dan "
        "kemampuan dalam kerja dengan data serta dapat bekerja."
    ),
    "vi": (
        "Chúng tôi tìm kỹ sư có kinh nghiệm cho công ty với các yêu cầu trong "
        "việc phát triển và làm cùng những người của đội một năm."
    ),
    "zh": "我们正在寻找一位经验丰富的后端工程师加入新加坡团队，负责公司数字化产品的开发与维护，并与产品经理合作。",
    "ja": "シンガポールのチームでバックエンドエンジニアを募集しています。経験のある方を歓迎します。",
    "ko": "싱가포르 팀에서 백엔드 엔지니어를 모집합니다. 경험이 있는 분을 환영합니다.",
    "ru": "Мы ищем разработчика в нашу команду. Вам предстоит работать с сервисами и базами данных.",
    "uk": ("Ми шукаємо розробника до нашої команди. Вам належить працювати із сервісами й базами даних її клієнтів."),
    "th": "เรากำลังมองหาวิศวกรซอฟต์แวร์ที่มีประสบการณ์เพื่อร่วมทีมของเราในกรุงเทพ",
    "ar": "نبحث عن مهندس برمجيات للانضمام إلى فريقنا في دبي مع خبرة في تطوير الخدمات",
    "he": "אנחנו מחפשים מהנדס תוכנה לצוות שלנו בתל אביב עם ניסיון בפיתוח שירותים",
}


@pytest.mark.parametrize(("language", "text"), TEXTS.items())
def test_each_language_is_told_from_one_or_two_sentences(language: str, text: str) -> None:
    assert read_language(text) == language


@pytest.mark.parametrize(
    "text", ["", "Engineer", "Python, Go, Kafka, PostgreSQL, Kubernetes, Docker, AWS, Redis, gRPC", "123 456", "💰🚀" * 50]
)
def test_too_little_is_no_language(text: str) -> None:
    assert read_language(text) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We are looking for an engineer."),
        ("de", "Wir suchen eine erfahrene Entwicklerin für unser Team in Berlin."),
        ("fr", "Nous cherchons un développeur expérimenté pour rejoindre notre équipe à Paris."),
        ("pl", "Szukamy doświadczonego programisty do naszego zespołu w Warszawie."),
        ("it", "Cerchiamo uno sviluppatore esperto per il nostro team di Milano."),
        ("nl", "Wij zoeken een ervaren ontwikkelaar voor ons team in Amsterdam."),
        ("tr", "İstanbul ekibimiz için deneyimli bir yazılım geliştirici arıyoruz."),
        ("sv", "Vi söker en erfaren utvecklare till vårt team i Stockholm."),
    ],
)
def test_one_sentence_is_enough_where_it_is_plainly_of_one(language: str, text: str) -> None:
    assert read_language(text) == language


def test_english_terms_leave_a_text_its_language() -> None:
    text = "Als Backend Engineer (m/w/d) arbeitest du mit unserem Platform Team an Cloud Services und Data Pipelines. " * 3
    assert read_language(text) == "de"


@pytest.mark.parametrize(
    ("name", "code"),
    [("en", "en"), ("en-US", "en"), ("es_MX", "es"), ("PT-br", "pt"), ("English", None), ("", None), (None, None)],
)
def test_locales_of_boards(name: str | None, code: str | None) -> None:
    assert language_code(name) == code


@given(st.text(max_size=3_000))
def test_any_text_is_read(text: str) -> None:
    found = read_language(text)
    assert found is None or len(found) == 2


@pytest.mark.timeout(10)
def test_only_the_beginning_is_looked_at() -> None:
    assert read_language(TEXTS["de"] * 20 + TEXTS["en"] * 100_000) == "de"
