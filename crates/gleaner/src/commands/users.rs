//! `gleaner users list|add|set-role|set-password|disable|enable|remove`

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use gleaner_engine::accounts::{Actor, NewUser, Role, User, UserEdit};
use gleaner_engine::export::users_sheet;

use crate::config::Config;
use crate::exit::usage;
use crate::output;
use crate::output::export::ToFile;

/// The accounts: list, add, change, disable.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner users add anna                         (the first account is an administrator's; asks for a password)
  gleaner users add ben --role member --password-stdin < password.txt
  gleaner users add carla@example.org --no-password   (comes through the identity provider)
  gleaner users set-role ben admin
  gleaner users disable ben
  gleaner users list --output users.csv")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Every account.
    List(ToFile),
    /// Add an account. From the first one on, everybody has to log in.
    Add {
        /// The name to log in with.
        name: String,
        /// viewer, member or admin [default: viewer; admin for the first].
        #[arg(long)]
        role: Option<Role>,
        #[command(flatten)]
        password: Password,
        /// Without a password: they come through the identity provider, with this name as e-mail address.
        #[arg(long, conflicts_with_all = ["password", "password_stdin"])]
        no_password: bool,
    },
    /// Change what somebody may do.
    SetRole {
        /// Whose.
        name: String,
        /// viewer, member or admin.
        role: Role,
    },
    /// Set a password anew. The account's sessions end.
    SetPassword {
        /// Whose.
        name: String,
        #[command(flatten)]
        password: Password,
    },
    /// Let somebody not come in any more. Their sessions end at once.
    Disable {
        /// Whom.
        name: String,
    },
    /// Let somebody come in again.
    Enable {
        /// Whom.
        name: String,
    },
    /// Remove an account, with its sessions and API tokens. What it asked stays in the history.
    Remove {
        /// Whose.
        name: String,
    },
}

/// Where a password comes from; without a word about it, it is asked for.
#[derive(Debug, clap::Args)]
struct Password {
    /// Read the password from the first line of standard input.
    #[arg(long)]
    password_stdin: bool,
    /// The password itself; others on this machine may see it there.
    #[arg(long, conflicts_with = "password_stdin", env = "GLEANER_USER_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

impl Password {
    fn read(self) -> anyhow::Result<String> {
        if let Some(password) = self.password {
            return Ok(password);
        }
        if self.password_stdin {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
        }
        if !std::io::stdin().is_terminal() {
            return Err(usage("a password is needed, and nobody is there to type it: use --password-stdin"));
        }
        let terminal = console::Term::stderr();
        let ask = |question: &str| -> anyhow::Result<String> {
            terminal.write_str(question)?;
            Ok(terminal.read_secure_line()?)
        };
        let password = ask("Password: ")?;
        if ask("Once more: ")? == password { Ok(password) } else { Err(usage("the two are not the same")) }
    }
}

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let app = crate::app::start(&config, true).await?;
    let (engine, actor) = (&app.engine, Actor::at_the_command_line());
    let user = match args.action {
        Action::List(file) => {
            let all = engine.users().await?;
            file.write(|| users_sheet(&all, engine.now()))?;
            if json {
                output::json(&all)?;
            } else {
                output::accounts::users(&all)?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        Action::Add { name, role, password, no_password } => {
            let password = if no_password { None } else { Some(password.read()?) };
            engine.add_user(&actor, NewUser { name, password, subject: None, role }).await?
        }
        Action::SetRole { name, role } => {
            let edit = UserEdit { role: Some(role), ..UserEdit::default() };
            engine.edit_user(&actor, &name, edit, None).await?
        }
        Action::SetPassword { name, password } => {
            let edit = UserEdit { password: Some(password.read()?), ..UserEdit::default() };
            engine.edit_user(&actor, &name, edit, None).await?
        }
        Action::Disable { name } => {
            let edit = UserEdit { disabled: Some(true), ..UserEdit::default() };
            engine.edit_user(&actor, &name, edit, None).await?
        }
        Action::Enable { name } => {
            let edit = UserEdit { disabled: Some(false), ..UserEdit::default() };
            engine.edit_user(&actor, &name, edit, None).await?
        }
        Action::Remove { name } => {
            engine.remove_user(&actor, &name).await?;
            if json {
                output::json(&serde_json::json!({"removed": name}))?;
            } else {
                output::line(format!("{name}: removed"))?;
            }
            return Ok(ExitCode::SUCCESS);
        }
    };
    if json {
        output::json(&user)?;
    } else {
        output::line(said(&user))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn said(user: &User) -> String {
    let state = if user.disabled { ", disabled" } else { "" };
    format!("{}: {}{state}", user.name, user.role)
}
