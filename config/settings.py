"""Django settings. Safe by default; what a person can change comes from config.env."""

from config import env
from config.databases import celery_url, databases, redis_url
from config.local.folder import default_folder
from config.local.private import environment
from config.static_headers import static_headers

BASE_DIR = env.BASE_DIR
env.load_env_file()
environment()

DEBUG = False
SECRET_KEY = env.secret("DJANGO_SECRET_KEY")
PORT = env.whole("PORT", 8000, low=1, high=65535)
BASE_URL = env.text("BASE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "allauth",
    "allauth.account",
    "django_htmx",
    "config",
    "accounts",
    "outbox",
    "knowledge",
    "chatbot",
    "learning",
    "console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = databases()
DATABASE_POOL_SIZE = env.whole("DATABASE_POOL_SIZE", 20, high=1000)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "accounts.adapter.MembersOnlyAdapter"
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"

REDIS_BROKER_URL = redis_url("BROKER", 0)
REDIS_CHANNELS_URL = redis_url("CHANNELS", 1)
REDIS_CACHE_URL = redis_url("CACHE", 2)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_CACHE_URL,
    }
}
CHANNEL_LAYERS = {
    "default": {
        # pubsub: three times the group sends of the core layer, and it keeps idle sockets.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_CHANNELS_URL}], "prefix": "firstline"},
    }
}
CELERY_BROKER_URL = celery_url(REDIS_BROKER_URL)

MODELS_DIR = BASE_DIR / env.text("MODELS_DIR", "models")
# Models that were trained for a workspace: kept here, unpacked and loaded within bounds.
ARTEFACTS_DIR = BASE_DIR / env.text("ARTEFACTS_DIR", str(default_folder() / "artefacts"))
ARTEFACT_CACHE_DIR = BASE_DIR / env.text("ARTEFACT_CACHE_DIR", str(default_folder() / "models"))
PICTURES_DIR = BASE_DIR / env.text("PICTURES_DIR", str(default_folder() / "pictures"))
ATTACHMENTS_DIR = BASE_DIR / env.text("ATTACHMENTS_DIR", str(default_folder() / "attachments"))
TRAINING_DIR = BASE_DIR / env.text("TRAINING_DIR", str(default_folder() / "training"))
TUNING_PYTHON = env.text("TUNING_PYTHON", env.tuning_python())  # "": nothing can be trained
TRAINING_MEMORY_MB = env.whole("TRAINING_MEMORY_MB", 8_000, low=1_000)
TRAINING_GRACE_S = 300.0  # for a training to end by itself after its time
ARTEFACT_CACHE_MB = env.whole("ARTEFACT_CACHE_MB", 500, low=50)
WORKSPACE_MODELS_MB = env.whole("WORKSPACE_MODELS_MB", 250, low=25)
VECTORS_GRACE_DAYS = env.real("VECTORS_GRACE_DAYS", 14.0, low=0.0, high=3650.0)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "artefacts": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": ARTEFACTS_DIR},
    },
    "pictures": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PICTURES_DIR},
    },
    "attachments": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": ATTACHMENTS_DIR},
    },
}
INFERENCE_THREADS = env.whole("INFERENCE_THREADS", 2, low=1, high=64)
RISK_DEFAULT = env.real("RISK", 0.15, low=0.001, high=0.5)
AUDIT_SHARE_DEFAULT = env.real("AUDIT_SHARE", 0.05, low=0.0, high=1.0)

# The large model. Without LLM_MODEL nothing ever leaves the machine.
LLM_PROVIDER = env.text("LLM_PROVIDER", "openai")
LLM_BASE_URL = env.text("LLM_BASE_URL", "")
LLM_API_KEY = env.secret("LLM_API_KEY", "")
LLM_MODEL = env.text("LLM_MODEL", "")
LLM_PRICE_INPUT_PER_MTOK = env.real("LLM_PRICE_INPUT_PER_MTOK", 0.0)
LLM_PRICE_OUTPUT_PER_MTOK = env.real("LLM_PRICE_OUTPUT_PER_MTOK", 0.0)
LLM_BUDGET_USD_PER_DAY = env.real("LLM_BUDGET_USD_PER_DAY", 5.0)
LLM_CONNECT_TIMEOUT_S = env.real("LLM_CONNECT_TIMEOUT_S", 5.0, low=0.1)
LLM_FIRST_TOKEN_TIMEOUT_S = env.real("LLM_FIRST_TOKEN_TIMEOUT_S", 15.0, low=0.1)
LLM_STALL_TIMEOUT_S = env.real("LLM_STALL_TIMEOUT_S", 4.0, low=0.1)
# When a server is gone with all of its calls at once: chatbot.escalation.signs. 0 = never.
LLM_GONE_AFTER_S = env.real("LLM_GONE_AFTER_S", 1.5, low=0.0)
LLM_GONE_CALLS = env.whole("LLM_GONE_CALLS", 3, low=2)
LLM_NEXT_FIRST_TOKEN_TIMEOUT_S = env.real("LLM_NEXT_FIRST_TOKEN_TIMEOUT_S", 5.0, low=0.1)
LLM_TIMEOUT_S = env.real("LLM_TIMEOUT_S", 60.0, low=0.1)
NAMES_MODELS = env.words("NAMES_MODELS")
LLM_ALLOWED_HOSTS = [one.lower() for one in env.words("LLM_ALLOWED_HOSTS")]
LLM_CACHE_ENTRIES = env.whole("LLM_CACHE_ENTRIES", 2000, low=0, high=20_000)
LLM_CACHE_DAYS = env.real("LLM_CACHE_DAYS", 30.0, low=0.01, high=3650.0)
LLM_CONCURRENCY = env.whole("LLM_CONCURRENCY", 200, low=1, high=1000)

# For the savings ledger: what a CPU core costs, and whose price stands for a large model where a
# workspace has none with a price.
CPU_USD_PER_HOUR = env.real("CPU_USD_PER_HOUR", 0.04)
REFERENCE_MODEL = env.text("REFERENCE_MODEL", "gpt-4.1-mini")
REFERENCE_PRICE_INPUT_PER_MTOK = env.real("REFERENCE_PRICE_INPUT_PER_MTOK", 0.4)
REFERENCE_PRICE_OUTPUT_PER_MTOK = env.real("REFERENCE_PRICE_OUTPUT_PER_MTOK", 1.6)

# Large models that run in the house: `manage.py models`.
LOCAL_GENERATOR_CONCURRENCY = env.whole("LOCAL_GENERATOR_CONCURRENCY", 1, low=1, high=64)
LOCAL_GENERATOR_THREADS = env.whole("LOCAL_GENERATOR_THREADS", INFERENCE_THREADS, low=1, high=256)
LOCAL_GENERATOR_MEMORY_MB = env.whole("LOCAL_GENERATOR_MEMORY_MB", 8_000, low=200)
LOCAL_GENERATOR_PROMPT_TOKENS = env.whole("LOCAL_GENERATOR_PROMPT_TOKENS", 4_096, low=256)
LOCAL_GENERATOR_WAIT_S = env.real("LOCAL_GENERATOR_WAIT_S", LLM_TIMEOUT_S / 2, low=0.1)
MODEL_HUB_URL = env.text("MODEL_HUB_URL", "https://huggingface.co").rstrip("/")
MODEL_HUB_TOKEN = env.secret("MODEL_HUB_TOKEN", "")

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# What `manage.py fetch_browser_runtime` made, if somebody asked for it. Its folders are named for
# their content, so browsers may keep what they hold for ever.
BROWSER_RUNTIME_DIR = BASE_DIR / env.text("BROWSER_RUNTIME_DIR", env.shared_folder("browser"))
NPM_REGISTRY = env.text("NPM_REGISTRY", "")  # "": the one that npm is set to
STATICFILES_DIRS = [("browser", BROWSER_RUNTIME_DIR)] if BROWSER_RUNTIME_DIR.is_dir() else []
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/browser/[0-9a-f]{16}/"
WHITENOISE_ADD_HEADERS_FUNCTION = static_headers
WHITENOISE_USE_FINDERS = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# Mail: the weekly digest, and replies and transcripts to visitors. Without EMAIL_HOST it goes to
# the log, and visitors are offered none.
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.whole("EMAIL_PORT", 587, low=1, high=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "firstline@localhost")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_TLS_PROXY", default=False) else None
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
LOGGING_CONFIG = "config.logs.configure"
LOGGING = {"level": env.text("LOG_LEVEL", "INFO")}
